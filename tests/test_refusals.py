"""What cannot be is refused where it is asked for, with one clear error: the rule, the value, the remedy."""

from functools import partial
from itertools import product

import pytest
import torch

from sevenlenses import explore
from sevenlenses.lenses import EXPERIMENTS
from sevenlenses.models import MODELS, RIVALS, create
from sevenlenses.models.base import state_gradients
from sevenlenses.models.initialise import chrono, forget_bias, initialise
from sevenlenses.runtime import generator, pick_device

NAN = float("nan")
ALL = MODELS | RIVALS
TWO_WAYS = ("bidirectional", "deep-bidirectional")
FLOW = EXPERIMENTS["gradient-flow"]


def model_of(name: str, n_in: int = 5, n_hidden: int = 8, n_out: int = 3):
    return create(name, n_in, n_hidden, n_out, generator=generator(0, "weights"))


def refused(make, said: str) -> None:
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == said


UNREADABLE = {
    "one sequence": (torch.zeros(7, 5), "got (7, 5). A single sequence needs x.unsqueeze(0)."),
    "width": (torch.zeros(2, 7, 6), "with at least one sequence and one step; got (2, 7, 6)."),
    "no step": (torch.zeros(2, 0, 5), "got (2, 0, 5)."),
    "no sequence": (torch.zeros(0, 7, 5), "got (0, 7, 5)."),
    "whole numbers": (torch.zeros(2, 7, 5).long(), "must be floating-point numbers; got torch.int64. Class numbers go"),
    "NaN": (torch.full((2, 7, 5), NAN), "input must be finite; it holds NaN or infinity."),
    "infinity": (torch.full((2, 7, 5), -torch.inf), "input must be finite"),
    "dtype": (
        torch.zeros(2, 7, 5).double(),
        "input must be torch.float32, as the weights are; got torch.float64. Convert it",
    ),
}


@pytest.mark.parametrize("name", ALL)
def test_input_that_no_model_can_read(name):
    model = model_of(name)
    for kind, (x, said) in UNREADABLE.items():
        with pytest.raises(ValueError) as error:
            model(x)
        assert said in str(error.value), kind


@pytest.mark.parametrize("name", ALL)
def test_a_nudge_of_another_shape_or_kind(name):
    x = torch.zeros(2, 7, 5)
    refused(lambda: model_of(name)(x, nudge=torch.zeros(2, 7, 5)), "nudge must be (2, 7, 8); got (2, 7, 5).")
    finite = "nudge must be finite; it holds NaN or infinity. Look at how it was made."
    refused(lambda: model_of(name)(x, nudge=torch.full((2, 7, 8), NAN)), finite)
    dtype = "nudge must be torch.float32, as the weights are; got torch.float64. Convert it with .to(torch.float32)."
    refused(lambda: model_of(name)(x, nudge=torch.zeros(2, 7, 8).double()), dtype)


@pytest.mark.parametrize("name", ALL)
def test_a_second_derivative_is_right_or_refused(name):
    model = model_of(name).double()
    model.noise = 0.0  # which two of them draw anew each time
    x = torch.randn(1, 3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    try:
        assert torch.autograd.gradgradcheck(lambda x: model(x).outputs, x)
    except RuntimeError as error:
        assert str(error).startswith("attention has a second derivative only outside PyTorch's fused kernel. Run the")
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        assert torch.autograd.gradgradcheck(lambda x: model(x).outputs, x)


@pytest.mark.parametrize("name", TWO_WAYS)
def test_a_nudge_where_no_step_is_later(name):
    x, model = torch.zeros(2, 7, 5), model_of(name)
    kind = "BidirectionalLSTM" if name == "bidirectional" else "DeepBidirectionalLSTM"
    said = f"a nudge asks how a state acts on later steps; {kind} has no later steps."
    refused(lambda: model(x, nudge=torch.zeros(2, 7, 8)), said)
    refused(lambda: state_gradients(model, x, torch.sum), said)


@pytest.mark.parametrize("name", ALL)
def test_a_size_that_no_model_can_have(name):
    for size, bad in product(("n_in", "n_hidden", "n_out"), (0, -4, 8.0, "8", None)):
        refused(partial(model_of, name, **{size: bad}), f"{size} must be a whole number from 1 up; got {bad!r}.")


@pytest.mark.parametrize(
    "name", ["attention", "attention-positions", "deep-attention", "linear-attention", "block-2-rotary"]
)
def test_a_state_that_heads_cannot_share(name):
    refused(lambda: model_of(name, n_hidden=6), "attention needs n_hidden divisible by its 4 heads; got 6.")


def test_more_steps_than_there_are_learned_positions():
    model = model_of("block-1-learned")
    assert model(torch.zeros(1, 160, 5)).outputs.shape == (1, 160, 3)
    said = (
        "learned positions reach 160 steps; got 161. Shorten the sequences, or take positions that go on, as ALiBi's."
    )
    refused(lambda: model(torch.zeros(1, 161, 5)), said)


@pytest.mark.parametrize("name", TWO_WAYS)
def test_a_state_that_two_directions_cannot_share(name):
    refused(lambda: model_of(name, n_hidden=7), "two directions need an even n_hidden; got 7.")


def test_unknown_names():
    models = ", ".join(MODELS | RIVALS)
    starts = "default, orthogonal, forget-0, forget-1, forget-3, chrono"
    refused(lambda: model_of("elman"), f"model must be one of {models}; got 'elman'.")
    refused(
        lambda: initialise(model_of("rnn"), "xavier", longest=9, generator=generator(0, "weights")),
        f"initialisation must be one of {starts}; got 'xavier'.",
    )


def test_starts_that_need_forget_gates_or_a_span():
    said = "needs forget gates, which only an LSTM has; got"
    refused(lambda: forget_bias(model_of("rnn"), 1.0), f"a forget bias {said} RNN.")
    refused(lambda: chrono(model_of("attention"), 9, generator(0, "weights")), f"chrono {said} Attention.")
    for name in ("forget-1", "chrono"):
        with pytest.raises(ValueError, match=f"{said} RNN"):
            initialise(model_of("rnn"), name, longest=9, generator=generator(0, "weights"))
    refused(
        lambda: chrono(model_of("lstm"), 2, generator(0, "weights")),
        "chrono needs a longest span of at least 3 steps; got 2.",
    )


TRAINED = [one for one in EXPERIMENTS.values() if one.recorded and one.gather is None]
PROBES = [one for one in EXPERIMENTS.values() if not one.recorded]
CERTAIN = {
    "gradient-decay",
    "questions-bounded",
    *(f"kata-{name}" for name in ("retention", "size", "turning", "counts")),
}
PROBES_OF_CHANCE = [one for one in PROBES if one.name not in CERTAIN]


def given(experiment) -> dict:
    """A learning rate where one would be chosen by trials, which need not be recorded for this."""
    return {"rate": 0.01} if "rate" in experiment.knobs and "chosen" in experiment.knobs["rate"].stops else {}


@pytest.mark.parametrize("seed", [-1, 1.5, "0", None])
def test_an_impossible_seed(seed):
    said = f"seed must be a whole number from 0 up; got {seed!r}. Try seed=0."
    refused(lambda: generator(seed, "weights"), said)
    for experiment in (FLOW, *PROBES_OF_CHANCE, *TRAINED):
        refused(lambda experiment=experiment: experiment.measure(seeds=(seed,), **given(experiment)), said)


# Devices


@pytest.fixture
def bare(monkeypatch):
    """A machine without an accelerator."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.parametrize("experiment", PROBES + TRAINED, ids=lambda one: one.name)
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there(bare, experiment, device):
    said = f"device {device!r} was asked for, but PyTorch sees none on this machine. Try device='auto'."
    refused(lambda: pick_device(device), said)
    refused(lambda: experiment.measure(device=device, **given(experiment)), said)


@pytest.mark.parametrize("experiment", PROBES + TRAINED, ids=lambda one: one.name)
def test_a_device_that_does_not_exist(experiment):
    said = "device must be one of auto, cpu, cuda, mps; got 'tpu'. Try device='auto'."
    refused(lambda: pick_device("tpu"), said)
    refused(lambda: experiment.measure(device="tpu", **given(experiment)), said)


def test_auto_takes_what_is_there(bare, monkeypatch):
    assert pick_device("auto") == pick_device() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == torch.device("cuda")


ON_THE_CPU = {name: {"size": 8} for name in ("capacity-echo", "capacity-kept")}
ON_THE_CPU |= {name: {"length": 8} for name in ("scaling-chain", "scaling-depth")}
ON_THE_CPU |= {name: {} for name in EXPERIMENTS if name.startswith("kata-")}
ON_THE_CPU |= {
    f"questions-{name}": {} for name in ("exposure", "layout", "joined", "arithmetic", "parts", "unrolled", "truncated")
}


@pytest.mark.slow
@pytest.mark.parametrize("experiment", PROBES, ids=lambda one: one.name)
def test_double_precision_on_a_device_without_it(experiment, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    if experiment.name in ON_THE_CPU:  # wherever it is sent, and it says so
        assert experiment.measure(device="mps", seeds=(0,), **ON_THE_CPU[experiment.name]).setup["device"] == "CPU"
        return
    said = "this probe runs in float64, which device 'mps' does not have. Try device='cpu'."
    refused(lambda: experiment.measure(device="mps"), said)


# The explorer


@pytest.mark.parametrize("ask", [lambda: explore(FLOW, "lenght"), lambda: explore(FLOW, "length", play="lenght")])
def test_an_explorer_of_an_unknown_knob(ask):
    with pytest.raises(TypeError) as error:
        ask()
    assert str(error.value) == f"gradient-flow has no knob 'lenght'; its knobs are {', '.join(FLOW.knobs)}."
