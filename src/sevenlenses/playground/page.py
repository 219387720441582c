"""The playground as HTML: on a page of the book, and whole, with all that it needs, for a frame in a notebook."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

import numpy as np

from ..tasks.sentences import CLAUSE, FIRST, OPENING, STOP, SUSPECTS, UNKNOWN, WORDS, Sentences
from . import weights
from .reading import LONGEST, answers, split
from .training import DIETS, MODELS, STEPS, recorded

SCRIPTS = ("engine.js", "sentence.js", "picture.js", "seeds.js", "view.js")
STRANGER = "inspector"  # a word that no network was taught
MORE = "../_static/playground/"  # from a page of the book
LABELS = {"rnn": "RNN", "lstm": "LSTM", "attention": "attention"}
DIET_LABELS = {"mixed": "5 to 33 words", "19": "exactly 19 words"}
VIEWS = {
    "gates": {
        "label": "the LSTM's gates",
        "rows": [{"kind": "lstm pg-gate", "label": gate} for gate in ("input", "forget", "output")],
    },
    "credit": {
        "label": "credit",
        "rows": [{"kind": name, "label": label} for name, label in LABELS.items()],
    },
    "attention": {
        "label": "attention's weights",
        "rows": [{"kind": "attention", "label": f"head {head}"} for head in range(1, 5)],
    },
}
EXAMPLES = {
    "one clause": "the detective suspects the doctor but the clerk heard the old sailor",
    "two clauses": "the detective suspects the cook although the guest saw the tall maid "
    "while the nurse met the old sailor",
    "four clauses": "the detective suspects the cook although the guest saw the tall maid while the nurse met the old "
    "sailor but the guard passed the quiet butler and the clerk heard the young singer",
    "the same name again": "the detective suspects the maid although the guest saw the tall maid "
    "while the nurse met the old maid",
    "only the name": "the detective suspects the gardener",
    "unknown words": "the detective suspects the driver although the inspector from london saw the tall maid",
    "another order": "although the guest saw the tall maid the detective suspects the cook",
}
START = {"diet": "mixed", "seed": 4, "step": 200, "view": "gates", "at": 5, "words": split(EXAMPLES["two clauses"])}


def page_html() -> str:
    """The playground on its page: one run's weights within, the others beside it."""
    diet, seed = START["diet"], START["seed"]
    run = weights.packed(weights.load(diet, seed))
    return _section({f"{diet}-{seed}": run}, _recorded(), START, _first_answers(), more=MORE, framed=False)


def still_html() -> str:
    """The playground as a picture, for where nothing runs: what the networks say to the first sentence."""
    return _section({}, {}, START, _first_answers(), framed=False)


def scripts() -> dict[str, str]:
    """The files beside the pages, by name: the weights of each run."""
    return {
        f"{name}.js": f'(globalThis.playgroundRuns ??= {{}})["{name}"] = {json.dumps(run, separators=(",", ":"))};\n'
        for name, run in _runs().items()
    }


def frame_html(own: dict | None = None, seed: int = 0) -> str:
    """A whole document: the playground with all recorded runs, or with the reader's own in their place.

    Args:
        own: weights by model, step and name, as `weights.load` gives them; all models at the same steps.
        seed: of the reader's own run.
    """
    runs, diets, start = _runs(), _recorded(), START
    if own is not None:
        steps = sorted(next(iter(own.values())))
        runs = {f"own-{seed}": weights.packed(own)} | runs
        diets = {"own": {"label": "your run", "seeds": [seed], "steps": steps}} | diets
        start = START | {"diet": "own", "seed": seed, "step": steps[-1]}
    unasked = dict.fromkeys(MODELS, np.full(len(SUSPECTS), Sentences().chance))
    body = _section(runs, diets, start, unasked, framed=True)
    style = (files("sevenlenses.explorer") / "explorer.css").read_text("utf-8") + asset("playground.css")
    speaker = (files("sevenlenses.explorer") / "explorer.js").read_text("utf-8")
    script = "\n".join([speaker, *(asset(name) for name in SCRIPTS)])
    return Template(asset("frame.html")).substitute(style=style, body=body, script=script)


def _first_answers() -> dict[str, np.ndarray]:
    said = answers(*(START[name] for name in ("diet", "seed", "step", "words")))
    return {name: each[START["at"] - 1] for name, each in said.items()}


@cache
def _runs() -> dict[str, dict]:
    return {f"{diet}-{seed}": weights.packed(weights.load(diet, seed)) for diet in DIETS for seed in weights.SEEDS}


def _recorded() -> dict[str, dict]:
    return {diet: {"label": DIET_LABELS[diet], "seeds": list(weights.SEEDS), "steps": list(STEPS)} for diet in DIETS}


def _section(runs: dict, diets: dict, start: dict, chances: dict[str, np.ndarray], **where: object) -> str:
    """The playground itself. Its table shows `chances` by model: where no JavaScript runs, that is all."""
    data = {
        "language": {
            "words": WORDS,
            "suspects": SUSPECTS,
            "opening": OPENING,
            "clause": CLAUSE,
            "stop": STOP,
            "unknown": UNKNOWN,
            "longest": LONGEST,
        },
        "models": LABELS,
        "diets": diets,
        "views": VIEWS,
        "examples": [{"label": label, "text": text} for label, text in EXAMPLES.items()],
        "stranger": STRANGER,
        "start": start,
        "runs": runs,
        **where,
    }
    heads, rows = _table(start["words"][FIRST - 1], chances)
    return Template(asset("playground.html")).substitute(
        sentence=escape(" ".join(start["words"])),
        at=start["at"],
        heads=heads,
        rows=rows,
        minds="".join(f'<li class="pg-{name}"><b>{label}</b> <span></span></li>' for name, label in LABELS.items()),
        count=len(SUSPECTS),
        source=f"{recorded('rnn', 'mixed').budget:,} parameters each at most · Recorded: "
        f"{len(weights.SEEDS)} seeds · torch {weights.made_with()} · computed in your browser, not looked up",
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
    )


def _table(right: str, chances: dict[str, np.ndarray]) -> tuple[str, str]:
    """Heads and rows of the table of answers."""
    said = {name: SUSPECTS[each.argmax()] for name, each in chances.items()}
    heads = "".join(
        f'<th scope="col" class="pg-{name}">{label} '
        f"<span>{said[name]} {'✓' if said[name] == right else '✗'}</span></th>"
        for name, label in LABELS.items()
    )
    rows = []
    for n, suspect in enumerate(SUSPECTS):
        cells = [
            f'<td class="pg-{name}{" pg-top" * (suspect == said[name])}" style="--p:{each[n]:.4f}">'
            f"{_percent(each[n])}</td>"
            for name, each in chances.items()
        ]
        mark = ' class="pg-right-one"' * (suspect == right)
        rows.append(f'<tr><th scope="row"{mark}>{suspect}</th>{"".join(cells)}</tr>')
    return heads, "".join(rows)


def _percent(share: float) -> str:
    return ">\N{NO-BREAK SPACE}99%" if 0.995 < share < 1 else f"{int(100 * share + 0.5)}%"


def asset(name: str) -> str:
    """The text of a file beside this one."""
    return (files(__package__) / name).read_text("utf-8")
