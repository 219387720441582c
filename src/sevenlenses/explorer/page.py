"""The page's face: an explorer that works with no kernel.

All pictures are drawn when the book is built. A picture is a stack of layers, and each layer depends on a few knobs
only, so what is stored grows with the sum of those few choices, not with the product of all of them. The browser
(explorer.js) puts the layers for the chosen values together.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Sequence
from html import escape

from .. import figures, records
from ..lens import Experiment, Knob, Result
from . import FACE, parts

NUMBERS: dict[str, object] = {}


def glue(**values: object) -> None:
    """Give numbers a name, so that the chapter's prose can take them from the run: {glue:text}`name:.2f`.

    MyST-NB reads them from outputs, which only the book's build needs: a notebook shows none. Two sections may give
    the same number.

    Raises:
        ValueError: two different ones of the same name.
    """
    from IPython.display import display

    for name, value in values.items():
        value = value.item() if hasattr(value, "item") else value  # NumPy's numbers as plain ones
        if name in NUMBERS:
            if repr(NUMBERS[name]) != repr(value):
                raise ValueError(f"{name!r} is glued twice: as {NUMBERS[name]!r}, then as {value!r}. Rename one.")
            continue  # MyST-NB warns of a second output, be it the same
        NUMBERS[name] = value
        if os.environ.get(FACE) == "page":
            mime = "application/papermill.record/"
            said = {f"{mime}text/plain": repr(value)}
            display(said, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": mime}})


def figure_html(experiment: Experiment, result: Result) -> str:
    """One picture with its legend, description and source: no controls.

    At the default settings it has the experiment's own address on the page; at others one of its own, so that it may
    stand beside the explorer.
    """
    usual = {name: knob.default for name, knob in experiment.knobs.items()}
    moved = [f"{name}-{value}" for name, value in result.knobs.items() if value != usual[name]]
    svg = _scoped("-".join([experiment.name, *moved, "still"]), parts.drawn(experiment, result).svg())
    return _shell(experiment, "", svg, parts.description(experiment, result), result, beside="-".join(moved))


def explorer_html(experiment: Experiment, shown: list[str], play: str | None) -> str:
    """An explorer with controls for the knobs in `shown`; the others stay at their defaults.

    Args:
        play: a knob that a Play button moves through its stops.
    """
    shown = [name for name in shown if len(experiment.knobs[name].stops) > 1]  # the others are for live runs
    results = _results(experiment, shown)
    first = results[tuple(experiment.knobs[name].default for name in experiment.knobs)]
    stacks = []
    for layer, needs in experiment.layers.items():
        moved = [name for name in needs if name in shown]
        frames, words = [], []
        for values in itertools.product(*(experiment.knobs[name].stops for name in moved)):
            settings = experiment.settings(**dict(zip(moved, values, strict=True)))
            result = results[tuple(settings.values())]
            frames.append(parts.drawn(experiment, result, only=layer).layers[layer])
            words.append(experiment.describe(result).get(layer, ""))
        stacks.append({"name": layer, "knobs": [shown.index(name) for name in moved], "frames": frames, "said": words})
    svg = parts.drawn(experiment, first).svg()
    every, legend = _legend(experiment, shown, results)
    data = {
        "knobs": [{"stops": [knob.say(v) for v in knob.stops]} for knob in (experiment.knobs[name] for name in shown)],
        "layers": _tagged(stacks),
        "legend": legend,
        "play": None if play is None else shown.index(play),
    }
    controls = _controls(experiment, shown, play)
    store = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    script = f'<script type="application/json" class="sl-data">{_scoped(experiment.name, store)}</script>'
    words = parts.description(experiment, first)
    return _shell(experiment, controls, _scoped(experiment.name, svg), words, first, script, every)


def _legend(experiment: Experiment, shown: list[str], results: dict[tuple, Result]) -> tuple[list[str], dict]:
    """All models that the legend ever names; and which of them, by the knobs that this depends on."""

    def named(**moved) -> list[str]:
        return experiment.models(results[tuple(experiment.settings(**moved).values())])

    stops = {name: experiment.knobs[name].stops for name in shown}
    moved = [name for name in shown if any(named(**{name: value}) != named() for value in stops[name])]
    frames = [
        named(**dict(zip(moved, values, strict=True))) for values in itertools.product(*(stops[name] for name in moved))
    ]
    every = list(dict.fromkeys(itertools.chain(*frames)))
    indices = [[every.index(model) for model in models] for models in frames]
    return every, {"knobs": [shown.index(name) for name in moved], "frames": indices}


def _results(experiment: Experiment, shown: list[str]) -> dict[tuple, Result]:
    """A result for every combination that some layer needs, keyed by all knob values."""
    results = {}
    for needs in [*experiment.layers.values(), ()]:
        moved = [name for name in needs if name in shown]
        for values in itertools.product(*(experiment.knobs[name].stops for name in moved)):
            settings = experiment.settings(**dict(zip(moved, values, strict=True)))
            key = tuple(settings.values())
            if key not in results:
                results[key] = (
                    records.load(experiment, settings) if experiment.recorded else experiment.measure(**settings)
                )
    return results


def _tagged(stacks: list[dict]) -> dict:
    """Frames as lists of numbers, one list a panel, into one table of unique tags: most recur from frame to frame."""
    table: dict[str, int] = {}
    for stack in stacks:
        stack["frames"] = [
            [[table.setdefault(tag, len(table)) for tag in re.split(r"(?<=>)(?=<)", panel)] for panel in panels]
            for panels in stack["frames"]
        ]
    return {"tags": list(table), "stack": stacks}


def _scoped(name: str, text: str) -> str:
    """Marker and clip ids under the explorer's own name, so that two explorers on a page never share one."""
    return re.sub(r'((?:id=\\?"|href=\\?"#|url\(#))([mp][0-9a-f]{10})', rf"\g<1>{name}-\2", text)


def _controls(experiment: Experiment, shown: list[str], play: str | None) -> str:
    groups: dict[str, list[str]] = {}
    for index, name in enumerate(shown):
        knob = experiment.knobs[name]
        groups.setdefault(knob.group, []).append(_control(f"{experiment.name}-{name}", index, knob, name == play))
    return "".join(
        f'<fieldset class="sl-group">{_heading(group, len(groups))}{"".join(controls)}</fieldset>'
        for group, controls in groups.items()
    )


def _heading(group: str, groups: int) -> str:
    """Whose knobs these are; nothing where there is only one group, and it is everybody's."""
    if not group:
        return "<legend>All models</legend>" if groups > 1 else ""
    return f"<legend>{parts.swatch(group)} {escape(figures.STYLES[group].label)}</legend>"


def _control(identity: str, index: int, knob: Knob, plays: bool) -> str:
    start = knob.stops.index(knob.default)
    label = f'<label for="{identity}">{escape(knob.label)}</label>'
    if knob.is_choice:
        options = "".join(
            f"<option{' selected' if i == start else ''}>{escape(knob.say(v))}</option>"
            for i, v in enumerate(knob.stops)
        )
        return f'<div class="sl-knob">{label}<select id="{identity}" data-knob="{index}">{options}</select></div>'
    said = escape(knob.say(knob.default))
    button = '<button type="button" class="sl-play" aria-pressed="false">Play</button>' if plays else ""
    return (
        f'<div class="sl-knob">{label}<input id="{identity}" data-knob="{index}" type="range" min="0" '
        f'max="{len(knob.stops) - 1}" step="1" value="{start}" aria-valuetext="{said}" autocomplete="off">'
        f'<output for="{identity}" aria-live="off">{said}</output>{button}</div>'
    )


def _shell(
    experiment: Experiment,
    controls: str,
    svg: str,
    words: str,
    result: Result,
    script: str = "",
    every: Sequence[str] = (),
    beside: str = "",
) -> str:
    name = f"{experiment.name}-{beside}" if beside else experiment.name
    address = f"{'still' if beside else 'explore'}-{name}"
    panel = f'<div class="sl-controls">{controls}</div>' if controls else ""
    models = experiment.models(result)
    named = all(f"{parts.swatch(model)} " in controls for model in models)  # the controls' headings are the legend
    source = escape(parts.source_line(result, live=False))
    off = '<noscript><p class="sl-source">The controls need JavaScript; the picture shows the defaults.</p></noscript>'
    return (
        f'<figure class="sl-explorer" id="{address}"><figcaption>{escape(experiment.question)}</figcaption>{panel}'
        f"{'' if named else parts.legend(every or models, {*every} - {*models})}"
        f'<div class="sl-picture" role="img" aria-labelledby="{name}-said">{svg}</div>'
        f'<p class="sl-said" id="{name}-said">{words}</p>'
        f'<p class="sl-source">{source}</p>{off if controls else ""}{script}</figure>'
    )
