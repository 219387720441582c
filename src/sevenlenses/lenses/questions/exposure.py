"""What of the cell does the hidden state show?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from ... import figures
from ...lens import Experiment, Knob, Result
from ...models.initialise import forget_bias
from ...models.lstm import LSTM
from ...runtime import generator, one_thread, pick_device, setup
from ..capacity.echo import readable

HIDDEN, STEPS, LAGS = 32, 3000, 24
READ = ("state", "cell", "both")  # what the probe is given
SIZES = ("c", "tanh c", "h")

KNOBS = {
    "bias": Knob("Output gates' bias", 0.0, (-4.0, -2.0, 0.0, 2.0, 4.0), -6.0, 6.0, names={-4.0: "−4", -2.0: "−2"}),
    "blur": Knob("Blur on what is read", 0.0, (0.0, 0.001, 0.01, 0.1), 0.0, 1.0),
}


@dataclass(frozen=True, kw_only=True)
class Exposure(Result):
    """An untrained LSTM reads one long random sequence.

    share: (seeds, READ, LAGS), R² of a linear probe for the input k = 1 … LAGS steps ago; 0 if below.
    size: (seeds, SIZES), root mean square over steps and units.
    apart: (seeds,), the greatest |h - o tanh c|, with h from PyTorch's kernel.
    """

    share: np.ndarray
    size: np.ndarray
    apart: np.ndarray


def run(*, seeds, device, bias, blur) -> Exposure:
    """Fit the probes, in float64."""
    pick_device(device)  # a wrong name is refused here too, though this probe always runs on the CPU
    start = time.perf_counter()
    share, size, apart = (np.stack(found) for found in zip(*(exposed(bias, blur, s) for s in seeds), strict=True))
    spent = setup(torch.device("cpu"), time.perf_counter() - start)
    return Exposure(
        knobs={"bias": bias, "blur": blur}, seeds=tuple(seeds), setup=spent, share=share, size=size, apart=apart
    )


@lru_cache(maxsize=1024)
@torch.no_grad()
@one_thread()
def exposed(bias: float, blur: float, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """The three arrays of `Exposure` for one seed."""
    model = LSTM(1, HIDDEN, 1, generator=generator(seed, "weights"))
    forget_bias(model, 1.0)
    model.rnn.bias_ih_l0[-HIDDEN:] += bias
    x = 2 * torch.rand(1, STEPS, 1, generator=generator(seed, "inputs"), dtype=torch.float64) - 1  # (1, T, 1)
    trace = model.double()(x, watch=True)
    h, c, o = trace.states[0], trace.inside["cell"][0], trace.inside["output"][0]  # (T, H) each
    noise = torch.randn(2, STEPS, HIDDEN, generator=generator(seed, "blur"), dtype=torch.float64)  # (2, T, H)
    seen = {"state": h + blur * noise[0], "cell": c + blur * noise[1]}
    seen["both"] = torch.cat([seen["state"], seen["cell"]], 1)  # (T, 2H)
    lags = np.arange(1, LAGS + 1)
    share = np.stack([readable(seen[name].numpy(), x[0, :, 0].numpy(), lags) for name in READ])  # (READ, LAGS)
    size = np.array([one.square().mean().sqrt().item() for one in (c, c.tanh(), h)])
    return share, size, (h - o * c.tanh()).abs().max().item()


def draw(result: Exposure, axes, own=None) -> None:
    """Left: how much can be read. Right: how large things are."""
    reading, sizes = axes
    lags = np.arange(1, LAGS + 1)
    for i, name in enumerate(READ):
        figures.band(reading, lags, result.share[:, i], figures.STYLES[f"read-{name}"], layer="read")
    reading.set(xlim=(1, LAGS), ylim=(0, 1.04), xlabel="steps ago, k", title="share of input readable")
    figures.room(reading)
    places, colors = np.arange(len(SIZES)), [figures.STYLES[f"read-{name}"].color for name in ("cell", "cell", "state")]
    sizes.bar(places, np.median(result.size, 0), 0.6, color=colors, alpha=0.75, gid="size/bars")
    sizes.set_xticks(places, SIZES)
    sizes.set(xlim=(-0.6, len(SIZES) - 0.4), ylim=(0, 0.8), title="typical size")


def describe(result: Exposure) -> dict[str, str]:
    """The sums and the sizes."""
    total = np.median(result.share.sum(-1), 0)
    size = np.median(result.size, 0)
    return {
        "frame": "An untrained LSTM of 32 units over random inputs.",
        "read": f"Inputs that can be read, summed over {LAGS} distances: {total[0]:.1f} from h, {total[1]:.1f} from c, "
        f"{total[2]:.1f} from both.",
        "size": f"Typical size of c {size[0]:.2f}, of tanh c {size[1]:.2f}, of h {size[2]:.3f}.",
    }


EXPOSURE = Experiment(
    name="questions-exposure",
    question="What does h show of the cell?",
    knobs=KNOBS,
    run=run,
    draw=draw,
    describe=describe,
    layers={"frame": (), "read": ("bias", "blur"), "size": ("bias",)},
    result=Exposure,
    models=lambda result: [f"read-{name}" for name in READ],
    panels=2,
)
