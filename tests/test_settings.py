"""What a reader has set in Matplotlib, PyTorch, NumPy or Python moves no picture and no number, and stays set."""

import dataclasses
import functools
import gc
import itertools
import os
import subprocess
import sys
import threading
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch

from sevenlenses import check, settings
from sevenlenses.explorer import parts
from sevenlenses.explorer.live import Live
from sevenlenses.lenses import EXPERIMENTS
from sevenlenses.lenses.gradient.flow import sizes
from sevenlenses.models import MODELS, RIVALS, create
from sevenlenses.models.variants import VARIANTS
from sevenlenses.playground.growing import own, side_by_side
from sevenlenses.playground.live import curves_html
from sevenlenses.runtime import generator
from sevenlenses.settings import calm, fixed, stepwise
from sevenlenses.tasks import TASKS
from sevenlenses.tasks.sentences import Sentences
from sevenlenses.training import Fit, evaluate, fit

CPU = torch.device("cpu")

# Numbers


@contextmanager
def put(get, write, value):
    """A setting as a reader's cell leaves it."""
    before = get()
    write(value)
    try:
        yield
    finally:
        write(before)


def attribute(place, name, value):
    """The same, where a setting is an attribute."""
    return put(lambda: getattr(place, name), lambda new: setattr(place, name, new), value)


def default_device(name):
    return put(torch.get_default_device, torch.set_default_device, name)


def flushed() -> bool:
    return torch.tensor([5e-324], dtype=torch.float64, device="cpu").add(0.0).item() == 0


SET = {  # how a reader sets it, and how it is read
    "float64": (lambda: put(torch.get_default_dtype, torch.set_default_dtype, torch.float64), torch.get_default_dtype),
    "device": (lambda: default_device("meta"), lambda: torch.zeros(1).device),
    "no gradients": (lambda: torch.set_grad_enabled(False), torch.is_grad_enabled),
    "inference": (lambda: torch.inference_mode(), torch.is_inference_mode_enabled),
    "half": (lambda: torch.autocast("cpu", torch.bfloat16), lambda: torch.is_autocast_enabled("cpu")),
    "deterministic": (
        lambda: put(torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 2),
        torch.get_deterministic_debug_mode,
    ),
    "anomaly": (lambda: torch.autograd.set_detect_anomaly(True, check_nan=False), torch.is_anomaly_check_nan_enabled),
    "denormal": (lambda: put(flushed, torch.set_flush_denormal, True), flushed),
    "precision": (
        lambda: put(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "medium"),
        lambda: torch.backends.mkldnn.matmul.fp32_precision,
    ),
    "no fused attention": (
        lambda: put(torch.backends.cuda.flash_sdp_enabled, torch.backends.cuda.enable_flash_sdp, False),
        torch.backends.cuda.flash_sdp_enabled,
    ),
    "no oneDNN": (lambda: attribute(torch.backends.mkldnn, "enabled", False), lambda: torch.backends.mkldnn.enabled),
    "benchmark": (lambda: attribute(torch.backends.cudnn, "benchmark", True), lambda: torch.backends.cudnn.benchmark),
    "NumPy raises": (lambda: np.errstate(all="raise"), np.geterr),
    "NumPy's old print": (lambda: np.printoptions(legacy="1.13", precision=1), lambda: np.get_printoptions()["legacy"]),
}
ASKED = (  # a probe, one with gradients at heart, a training run, attention, and NumPy alone
    ("locality-writing", {}),
    ("gradient-chain", {}),
    ("reading-learning", {}),
    ("synthesis-rungs", {"variant": "rung-roles"}),
    ("kata-retention", {}),
)


@functools.cache
def kept() -> list:
    """What the lenses keep of earlier runs, but for the learning rates that records chose."""
    caches = [one for one in gc.get_objects() if type(one) is functools._lru_cache_wrapper]
    return [one for one in caches if one.__module__.startswith("sevenlenses.lenses.") and "rates" not in one.__module__]


def forget_all() -> None:
    for one in kept():
        one.cache_clear()


def found(name: str, knobs: dict, steps: int = 2):
    """The result after two steps of training, or of a probe."""
    forget_all()
    experiment = EXPERIMENTS[name]
    return list(itertools.islice(experiment.stream(seeds=(0,), device="cpu", **knobs), steps))[-1]


def numbers(result) -> dict[str, bytes]:
    """All that a run measured, to the last bit."""
    values = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    return {name: value.tobytes() for name, value in values.items() if isinstance(value, np.ndarray)}


@pytest.fixture(scope="module")
def plain():
    return {name: found(name, knobs) for name, knobs in ASKED}


@pytest.mark.parametrize("name", SET)
def test_an_experiment_hangs_on_its_arguments_alone(plain, name):
    hostile, read = SET[name]
    with hostile():
        set_by_reader = read()
        for experiment, knobs in ASKED:
            result = found(experiment, knobs)
            assert numbers(result) == numbers(plain[experiment])
            assert EXPERIMENTS[experiment].describe(result) == EXPERIMENTS[experiment].describe(plain[experiment])
        assert read() == set_by_reader


@pytest.mark.parametrize("name", SET)
def test_between_two_results_and_afterwards_the_readers_settings_hold(name):
    hostile, read = SET[name]
    with hostile():
        set_by_reader, seen = read(), []

        def steps():
            for _ in range(2):
                seen.append(read())
                yield read()

        for _ in stepwise(steps()):
            assert read() == set_by_reader
        with pytest.raises(ZeroDivisionError), fixed():
            raise ZeroDivisionError
        assert read() == set_by_reader
    assert seen == [read(), read()] != [set_by_reader] * 2


@contextmanager
def everything_set():
    with ExitStack() as stack:
        for hostile, _ in SET.values():
            stack.enter_context(hostile())
        yield


def test_what_a_cell_calls_itself_gives_the_same_too():
    def learned():
        task, plan = Sentences(), Fit(steps=2)
        model = VARIANTS["lstm-forget-1"].build(
            task.n_in, task.n_out, longest=3, generator=generator(0, "weights"), budget=2500
        )
        losses = [now.loss for now in fit(model, task, plan, generator=generator(0, "data"), device=CPU)]
        return losses, evaluate(model, task, batch=32, generator=generator(0, "fresh"), device=CPU)

    def grown():
        lessons = own(Sentences(), 2500, 2, dict.fromkeys(("rnn", "lstm", "attention"), 0.01))
        return list(side_by_side(lessons, 0))[-1]

    def write(s, z, k, v):
        return s + k.unsqueeze(-1) * v.unsqueeze(-2), z + k

    def said():
        forget_all()
        return check("steady-gain", 1.4), check(
            "running-sums", lambda s, z, k, v: (s + k[..., None] * v[:, :, None], z + k)
        )

    before = learned(), grown().curves, curves_html(grown(), 2), said()
    with everything_set():
        assert (learned(), grown().curves, curves_html(grown(), 2), said()) == before


def test_a_probe_that_is_kept_is_not_kept_wrong():
    def asked():
        return [curve.tolist() for curve in sizes("rnn", "default", 1.0, 16, 8, 0, "cpu")[:2]]

    sizes.cache_clear()
    before = asked()
    sizes.cache_clear()
    with put(torch.get_default_dtype, torch.set_default_dtype, torch.float64):
        asked()
    assert asked() == before


@pytest.mark.parametrize("name", MODELS | RIVALS)
def test_weights_hang_on_the_generator_alone(name):
    def made(make):
        return make(6, 8, 3, generator=generator(0, "weights")).state_dict()

    before = made((MODELS | RIVALS)[name])
    with put(torch.get_default_dtype, torch.set_default_dtype, torch.float64), default_device("meta"):
        for make in (functools.partial(create, name), (MODELS | RIVALS)[name]):
            for key, weight in made(make).items():
                assert torch.equal(weight, before[key]) and weight.dtype == before[key].dtype


@pytest.mark.parametrize("name", TASKS)
def test_data_hang_on_the_generator_alone(name):
    before = TASKS[name]().sample(4, generator(0, "data"))
    with everything_set():
        now = TASKS[name]().sample(4, generator(0, "data"))
    for part in ("x", "y", "scored"):
        assert torch.equal(getattr(now, part), getattr(before, part))
        assert getattr(now, part).dtype == getattr(before, part).dtype


def test_a_warning_of_ours_is_no_error_and_the_readers_filters_stay(monkeypatch):
    monkeypatch.setattr(settings, "calm", calm)
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("error")
        with fixed():
            warnings.warn("from a newer library", UserWarning, stacklevel=1)
            np.float64(0) / np.float64(0)
        assert [one.category for one in shown] == [UserWarning, RuntimeWarning]
        with pytest.raises(UserWarning):
            warnings.warn("the reader's own", UserWarning, stacklevel=1)


def test_two_threads_wait_for_each_other():
    """Else the one that is done first would give the reader's settings back to the other."""
    inside, leave, seen = threading.Event(), threading.Event(), []

    def work():
        with fixed():
            inside.set()
            seen.append(torch.get_default_dtype())

    with put(torch.get_default_dtype, torch.set_default_dtype, torch.float64):
        other = threading.Thread(target=work)
        with fixed():
            other.start()
            assert not inside.wait(0.05)
        other.join()
        leave.set()
        assert seen == [torch.float32] and torch.get_default_dtype() == torch.float64


# Pictures

RC_FILES = {
    "a tight box": "savefig.bbox: tight\nsavefig.pad_inches: 0.5\nsavefig.dpi: 300",
    "TeX": "text.usetex: True\nfigure.autolayout: True",
    "constrained": "figure.constrained_layout.use: True\nfont.size: 30\naxes.titlesize: 40\nxtick.labelsize: 5",
    "words": "axes.formatter.use_locale: True\naxes.formatter.limits: 0, 0\nfont.family: no such font",
    "another backend": "backend: Agg\naxes.prop_cycle: cycler('color', ['r'])\npath.sketch: 3, 100, 2",
    "another SVG": "svg.fonttype: path\nsvg.hashsalt: mine\nsavefig.format: pdf\nsavefig.transparent: False",
}
DRAWN = """
import numpy as np
from sevenlenses import figures
style = figures.STYLES["lstm"]
with figures.canvas(2) as (one, two):
    runs = np.array([[1.0, 1e-9, 1e-12], [2.0, 1e-8, 1e-11]])
    figures.band(one, np.arange(3), runs, style, layer="lstm")
    figures.log_axis(one, -16, 8, 8)
    figures.reference(one, 1e-3, "chance", "frame")
    one.set(xlabel="steps back", title="size of dL")
    figures.spread(two, np.array([1, 2, 4]), runs, style, layer="lstm")
    figures.octave_axis(two, 8)
    figures.upright(two, 2, 0.5, "word", "frame/word")
    two.scatter([1, 2], [0.1, 0.2], gid="lstm/dots")
    print(figures.picture([one, two], ["frame", "lstm"]).svg())
"""


def drawn_by_a_new_process(**environment: str) -> str:
    run = subprocess.run([sys.executable, "-c", DRAWN], env=os.environ | environment, capture_output=True, check=True)
    return run.stdout.decode()


@pytest.fixture(scope="module")
def picture() -> str:
    return drawn_by_a_new_process(MATPLOTLIBRC=os.devnull)


@pytest.mark.slow
@pytest.mark.parametrize("name", RC_FILES)
def test_a_matplotlibrc_moves_nothing(picture, name, tmp_path: Path):
    (tmp_path / "matplotlibrc").write_text(RC_FILES[name])
    assert drawn_by_a_new_process(MATPLOTLIBRC=str(tmp_path / "matplotlibrc")) == picture


def other_value(name: str):
    """A value of a Matplotlib setting that is not its own; None where none was found."""
    own = matplotlib.rcParamsDefault[name]
    tried = [not own] if isinstance(own, bool) else [own * 2 + 1] if isinstance(own, int | float) else []
    for value in [*tried, "magenta", "tight", "right", "top", "both", "path", "x-large", "7", "yes", [0.3, 0.7], ":"]:
        try:
            with warnings.catch_warnings(action="ignore"):
                made = matplotlib.RcParams({name: value})[name]
        except Exception:  # the validators raise what they like
            continue
        if made != own:
            return made
    return None


@contextmanager
def all_of_matplotlib_set():
    """Every setting of Matplotlib at another value, as far as one was found."""
    others = {name: other_value(name) for name in matplotlib.rcParamsDefault if name != "backend"}
    others = {name: value for name, value in others.items() if value is not None}
    assert len(others) > 0.75 * len(matplotlib.rcParamsDefault)
    with matplotlib.rc_context():
        dict.update(matplotlib.rcParams, others)
        before = dict(matplotlib.rcParams.items())
        yield
        assert dict(matplotlib.rcParams.items()) == before


def test_no_setting_of_an_earlier_cell_moves_a_picture(plain):
    pictured = ("gradient-chain", "locality-writing", "kata-retention")
    results = {EXPERIMENTS[name]: plain[name] for name in pictured}
    before = [parts.drawn(experiment, result).svg() for experiment, result in results.items()]
    with all_of_matplotlib_set(), everything_set():
        assert [parts.drawn(experiment, result).svg() for experiment, result in results.items()] == before


def test_the_notebooks_explorer_shows_the_same():
    def shown():
        forget_all()
        return Live(EXPERIMENTS["gradient-decay"], []).picture.value.partition('<p class="sl-source">')[0]

    before = shown()
    with all_of_matplotlib_set(), everything_set():
        assert shown() == before
