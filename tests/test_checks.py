"""The exercises' checks: what is right, what is wrong and why, what is open, and what cannot be used."""

import pytest
import torch

from sevenlenses import check
from sevenlenses.lenses import CHECKS


def backward(gradient, after, weight):
    """The solution: through the tanh, then through the recurrent matrix."""
    return (gradient * (1 - after**2)) @ weight


def forgets_the_slope(gradient, after, weight):
    return gradient @ weight


def forgets_to_turn(gradient, after, weight):
    return (gradient * (1 - after**2)) @ weight.T


def spoils_its_arguments(gradient, after, weight):
    return gradient.mul_(1 - after.mul_(after)) @ weight


def breaks(gradient, after, weight):
    raise RuntimeError("<b>shapes</b>")


VERDICTS = [
    ("half-life", 231, True, "Right: after 231 steps a share of 0.500 is left."),
    ("half-life", 230.7, True, "Right"),
    ("half-life", "231", True, "Right"),
    ("half-life", 50, False, "After 50 steps a share of 0.861 is left. Solve 0.997^k = 1/2 for k."),
    ("half-life", -231, False, "Solve"),
    ("half-life", float("nan"), False, "After nan steps"),
    ("half-life", "many", False, "Your answer could not be used: ValueError: could not convert"),
    ("half-life", None, False, "could not be used: TypeError"),
    ("backward-step", backward, True, "Right: your step equals automatic differentiation to nine decimals."),
    ("backward-step", spoils_its_arguments, True, "Right"),
    ("backward-step", forgets_the_slope, False, "It differs from automatic differentiation by up to"),
    ("backward-step", forgets_to_turn, False, "Which two factors does one step multiply by?"),
    ("backward-step", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    ("backward-step", lambda *_: None, False, "The function should return a tensor of shape (3, 5)"),
    ("backward-step", lambda *_: torch.zeros(5, 3), False, "The function should return a tensor of shape (3, 5)"),
    ("backward-step", lambda *_: torch.full((3, 5), float("nan")), False, "It differs"),
    ("backward-step", breaks, False, "Your answer could not be used: RuntimeError: <b>shapes</b>"),
    ("backward-step", lambda gradient: gradient, False, "could not be used: TypeError"),
    ("backward-step", 3, False, "could not be used: TypeError: 'int' object is not callable"),
    ("steady-gain", 1.45, True, "On three fresh seeds the share that reaches word 1 of 50 is"),
    ("steady-gain", 1.0, False, "it vanishes. Scale up."),
    ("steady-gain", 2.5, False, "it explodes. Scale down."),
    ("steady-gain", 0, False, "The scaling should be above 0 and at most 10; got 0."),
    ("steady-gain", 11, False, "at most 10; got 11."),
    ("steady-gain", float("nan"), False, "got nan."),
    ("steady-gain", "large", False, "could not be used: ValueError"),
]


@pytest.mark.parametrize(("name", "answer", "right", "said"), VERDICTS)
def test_a_verdict(name, answer, right, said):
    verdict = check(name, answer)
    assert verdict.right is right
    assert said in verdict.message


@pytest.mark.parametrize("name", CHECKS)
def test_every_exercise_can_be_open_solved_and_missed(name):
    assert {right for exercise, _, right, _ in VERDICTS if exercise == name} >= {True, False}
    for verdict in (check(name), check(name, ...)):
        assert verdict.right is None
        assert repr(verdict).startswith("○ Not answered yet: put your answer in place of the three dots")


def test_an_unknown_exercise_is_said():
    with pytest.raises(ValueError) as error:
        check("half-live", 69)
    assert str(error.value) == f"there is no exercise 'half-live'; the exercises are {', '.join(CHECKS)}."


@pytest.mark.parametrize(
    ("answer", "mark", "kind"),
    [(231, "✓", "right"), (50, "✗", "wrong"), (..., "○", "open")],
)
def test_a_verdict_is_told_apart_by_sign_class_and_words(answer, mark, kind):
    verdict = check("half-life", answer)
    assert repr(verdict) == f"{mark} {verdict.message}"
    page = verdict._repr_html_()
    assert page.startswith(f'<p class="sl-verdict sl-{kind}" role="status">{mark} ')


def test_whatever_an_answer_says_is_shown_as_text():
    assert "&lt;b&gt;shapes&lt;/b&gt;" in check("backward-step", breaks)._repr_html_()
