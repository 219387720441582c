"""A question as the reader meets it: the same HTML on the page, in JupyterLab and in Colab."""

from __future__ import annotations

import os
from difflib import get_close_matches
from html import escape
from importlib.resources import files

from ..explorer import FACE
from .bank import Choice, Question, bank
from .words import to_html

LETTERS = "ABCDE"


class Card:
    """One question with its choices. A choice opens to show its feedback, and closes the one opened before."""

    def __init__(self, question: Question):
        self.question = question

    def __repr__(self) -> str:
        choices = zip(LETTERS, self.question.choices, strict=False)
        return "\n".join([self.question.stem, *(f"  {letter}. {choice.text}" for letter, choice in choices)])

    def _repr_html_(self) -> str:
        name = f"ask-{escape(self.question.id)}"
        choices = "".join(
            _choice(name, letter, choice) for letter, choice in zip(LETTERS, self.question.choices, strict=False)
        )
        return (
            f'{_style()}<div class="sl-ask" id="{name}" role="group" aria-labelledby="{name}-stem">'
            f'<p class="sl-stem" id="{name}-stem"><strong>Check yourself.</strong> {to_html(self.question.stem)}</p>'
            f"{choices}</div>"
        )


def _choice(name: str, letter: str, choice: Choice) -> str:
    """Whether it is right stands inside the folded part only."""
    kind, mark, said = ("yes", "✓", "Right.") if choice.right else ("no", "✗", "Not this one.")
    return (
        f'<details name="{name}"><summary><b>{letter}.</b> <span>{to_html(choice.text)}</span></summary>'
        f'<p class="sl-feedback sl-{kind}"><strong><span aria-hidden="true">{mark}</span> {said}</strong> '
        f"{to_html(choice.feedback)}</p></details>"
    )


def _style() -> str:
    """In a notebook each card brings its style; a page of the book has it already."""
    if os.environ.get(FACE) == "page":
        return ""
    return f"<style>{files(__package__).joinpath('quiz.css').read_text(encoding='utf-8')}</style>"


def ask(name: str) -> Card:
    """The question of this id: `ask("q01")`.

    Raises:
        ValueError: there is no such question.
    """
    questions = bank()
    if name not in questions:
        near = get_close_matches(name, questions, n=3) or sorted(questions)[:3]
        raise ValueError(f"there is no question {name!r}; did you mean {' or '.join(near)}?")
    return Card(questions[name])
