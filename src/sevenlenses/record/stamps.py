"""Which runs were found to give the recorded numbers, and under which code: `records/verified.json`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container
from typing import NamedTuple

from .. import records
from ..files import write_whole
from ..lens import Experiment
from ..lenses import EXPERIMENTS
from ..playground import training as playground
from .evidence import code_of, code_of_modules, subject

STAMPS = "verified.json"
PLAYGROUND = "playground"


class Group(NamedTuple):
    """The runs of one experiment with one model: they rest on the same code."""

    experiment: str
    model: str

    def __str__(self) -> str:
        return f"{self.experiment}/{self.model}"


class Look(NamedTuple):
    """A run whose first steps are looked at, on one seed; `settings` says only what is not at its default, since other
    code may know fewer knobs."""

    label: str
    settings: dict
    seed: int


def groups(names: Container[str] = ()) -> dict[Group, tuple[str, list[Look]]]:
    """Every group, or those of the experiments named, with the hash of its code and the runs that are looked at.

    These are all settings, each on its first seed and at one learning rate.
    """
    found: dict[Group, tuple[str, list[Look]]] = {}
    for experiment in EXPERIMENTS.values():
        if experiment.recorded and experiment.gather is None and (not names or experiment.name in names):
            for settings in experiment.stops():
                if "rate" in settings and settings["rate"] != experiment.knobs["rate"].default:
                    continue
                words = experiment.words(settings)
                group = Group(experiment.name, subject(words))
                runs = found.setdefault(group, (code_of(experiment, words), []))[1]
                if words or not runs:  # what measures time is looked at once
                    runs.append(look(experiment, settings))
    for diet in playground.DIETS if not names or PLAYGROUND in names else ():
        for name, variant in playground.MODELS.items():
            code = code_of_modules([playground.__name__], subject(playground.recorded(name, diet).words()))
            runs = found.setdefault(Group(PLAYGROUND, variant), (code, []))[1]
            runs.append(Look(f"{PLAYGROUND}/{name},{diet}", {"name": name, "diet": diet}, 0))
    return found


def look(experiment: Experiment, settings: dict) -> Look:
    """The look at these settings."""
    seed = experiment.seeds[0]
    given = {name: value for name, value in settings.items() if value != experiment.knobs[name].default}
    return Look(f"{experiment.name}/{records.key_of(experiment, settings, seed)}", given, seed)


def stamps() -> dict[Group, str]:
    """The hash of the code under which each group was verified last; nothing where the file cannot be read."""
    path = records.home() / STAMPS
    return stamps_in(path.read_text(encoding="utf-8")) if path.exists() else {}


def stamps_in(text: str) -> dict[Group, str]:
    """What such a file says."""
    try:
        found = json.loads(text)
        return {Group(name, model): code for name, of_models in found.items() for model, code in of_models.items()}
    except (ValueError, AttributeError):
        return {}


def stamp(verified: dict[Group, str]) -> None:
    """Write the stamps, an experiment a line."""
    by_name: dict[str, dict[str, str]] = defaultdict(dict)
    for group, code in sorted(verified.items()):
        by_name[group.experiment][group.model] = code
    text = ",\n".join(f"{json.dumps(name)}: {json.dumps(of_models)}" for name, of_models in by_name.items())
    write_whole(records.home() / STAMPS, f"{{\n{text}\n}}\n")


def unverified() -> list[Group]:
    """The groups whose code has changed since they were verified."""
    known = stamps()
    return [group for group, (code, _) in groups().items() if known.get(group) != code]
