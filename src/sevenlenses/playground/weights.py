"""The weights that the page carries: one safetensors file for each diet and seed, refused when it is of other runs."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from .. import records
from ..files import write_whole
from ..lenses.learning import Lesson
from ..models.base import SequenceModel
from ..runtime import setup
from .training import DIETS, MODELS, STEPS, VERSION, checkpoints, recorded

SEEDS = (0, 1, 2, 3, 4)
Weights = dict[str, torch.Tensor]


def home() -> Path:
    """The folder of the files."""
    return records.home() / "playground"


def path_of(diet: str, seed: int) -> Path:
    """Where the weights of these three runs lie."""
    return home() / f"{diet},seed={seed}.safetensors"


def words(diet: str) -> str:
    """What these weights are of: as `records` has it, a version that is raised by hand, sizes and learning rates."""
    lessons = [recorded(name, diet) for name in MODELS]
    return ", ".join([f"version {VERSION}", *(word for one in lessons for word in one.words())])


def make(diet: str, seed: int) -> Path:
    """Train the three models and write their weights, the whole file or nothing."""
    lessons = {name: recorded(name, diet) for name in MODELS}
    tensors = {
        f"{name}/{step}/{key}": tensor
        for name, taught in lessons.items()
        for step, weights in checkpoints(taught, seed).items()
        for key, tensor in weights.items()
    }
    about = {"diet": diet, "seed": seed, "steps": STEPS, "lessons": {name: repr(one) for name, one in lessons.items()}}
    made = setup(torch.device("cpu"), 0.0)
    path = path_of(diet, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"settings": json.dumps(about), "torch": str(made["torch"]), "words": words(diet)}
    write_whole(path, save(tensors, about))
    return path


def is_fresh(diet: str, seed: int) -> bool:
    """Whether the file is there and of these runs."""
    try:
        load(diet, seed)
    except records.RecordError:
        return False
    return True


def load(diet: str, seed: int) -> dict[str, dict[int, Weights]]:
    """The weights by model, step and name, in half precision.

    Raises:
        records.RecordError: there is no such file, it is broken or stale.
    """
    path, remedy = path_of(diet, seed), "run `python -m sevenlenses.playground`."
    found: dict[str, dict[int, Weights]] = {}
    try:
        with safe_open(path, "pt") as file:
            made_as = file.metadata()["words"]
            for key in file.keys():  # noqa: SIM118 -- not a dict
                name, step, weight = key.split("/")
                found.setdefault(name, {}).setdefault(int(step), {})[weight] = file.get_tensor(key)
    except FileNotFoundError:
        raise records.Missing(f"there are no weights {path.name}; {remedy}") from None
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise records.RecordError(f"the weights {path.name} are broken ({error}); delete them and {remedy}") from error
    if made_as != words(diet):
        raise records.RecordError(
            f"the weights {path.name} are stale: {made_as}, and now it is {words(diet)}; {remedy}"
        )
    return {name: dict(sorted(found[name].items())) for name in MODELS}


def made_with() -> str:
    """The version of PyTorch that trained them."""
    with safe_open(path_of(DIETS[0], SEEDS[0]), "pt") as file:
        return file.metadata()["torch"]


def model(taught: Lesson, weights: Weights) -> SequenceModel:
    """A model with these weights, in single precision."""
    built = taught.untrained(0)
    built.load_state_dict({key: tensor.float() for key, tensor in weights.items()})
    return built.eval()


def packed(run: dict[str, dict[int, Weights]]) -> dict[str, dict]:
    """A run as the page's engine takes it: names and shapes once a model, and each step's numbers as base64."""
    return {
        name: {
            "shapes": {key: list(tensor.shape) for key, tensor in next(iter(steps.values())).items()},
            "steps": {step: _base64(weights) for step, weights in steps.items()},
        }
        for name, steps in run.items()
    }


def _base64(weights: Weights) -> str:
    flat = torch.cat([tensor.flatten() for tensor in weights.values()])
    return base64.b64encode(flat.half().numpy().astype("<f2").tobytes()).decode()
