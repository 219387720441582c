"""The answers to the chapter's exercises."""

from __future__ import annotations

from ... import records
from ...exercises import Answers, Band, Formula, Function, Judgement, Number, partly, right, wrong
from ...exercises.values import Returned, array
from ...runtime import generator
from ...tasks.brackets import Brackets
from ...tasks.ordered import Ordered
from .rules import COMPARED, RIVALS

PAIRS = 8
NESTED = Brackets(length=24, deepest=8)


def which_came_first(*, marked: int, values: int) -> Answers:
    """The best score of who sees a set, when several different values are marked and the first is asked for."""
    exact = 1 / marked
    alike = f"Right: all orders of {marked} are equally likely, so each value came first 1/{marked} of the time."
    chance = wrong(f"That is chance, of who sees nothing. A set reader sees which {marked} values are marked.")
    said = f"A set reader knows the {marked} values. How often did each of them come first?"
    return Answers(
        (
            Band(exact, 0.01, right(alike)),
            Band(1 / values, 0.01, chance),
            Band(exact, 0.15 * exact, partly(0.5, f"That is close. {said}")),
        ),
        wrong(said),
    )


def nested(seed: int) -> list[tuple]:
    """Brackets within brackets, a list of tokens each."""
    batch = NESTED.sample(32, generator(seed, "exercise"))
    return [(tokens,) for tokens in batch.x.argmax(-1).tolist()]


def closes(found: list[Returned], cases: list[tuple]) -> Judgement:
    """A reader of brackets that answers at every closing one."""
    missed = []  # of each mistake: tokens, which closing bracket, its kind, what was said, whether others lie within
    for one, (tokens,) in zip(found, cases, strict=True):
        kinds, around = kinds_of(tokens)
        what = f"a list, one kind for each closing bracket: here {len(kinds)}"
        given = array(one.value, (len(kinds),), what).tolist()
        each = zip(kinds, given, around, strict=True)
        missed += [(tokens, i, kind, said, within) for i, (kind, said, within) in enumerate(each, 1) if said != kind]
    if not missed:
        return right(f"Right on {len(cases)} sequences of {NESTED.length} steps: last in, first out.")
    tokens, i, kind, answer, _ = missed[0]
    said = (
        f"In {tokens} closing bracket number {i} closes kind {kind}; you say {answer:g}. Which open bracket came last "
        "and is still open?"
    )
    if all(within for *_, within in missed):
        return partly(0.5, f"{said} You are right where no other bracket lies within.")
    return wrong(said)


def kinds_of(tokens: list[int]) -> tuple[list[int], list[bool]]:
    """The kind of each closing bracket, and whether others lie within."""
    still_open, kinds, around = [], [], []
    for step, token in enumerate(tokens):
        if token < NESTED.kinds:
            still_open.append(token)
        else:
            kinds.append(still_open.pop())
            around.append(tokens[step - 1] == NESTED.kinds)
    return kinds, around


def price_of_places(given: float, *, model: str) -> Judgement:
    """How much less often a model that has places follows the relation than one layer of attention without."""
    rules = records.load(RIVALS, RIVALS.settings(pairs=PAIRS)).rules[:, :, 0].mean(0)  # (models,)
    without, placed = (rules[COMPARED.index(name)] for name in ("attention", model))
    if abs(given - (without - placed)) < 0.02:
        return right(f"Right: {without:.2f} without places, {placed:.2f} with them.")
    said = (
        "Take the share by relation, the first of the three, and its mean over the seeds; then without places less "
        "with them."
    )
    if abs(given + (without - placed)) < 0.02:
        return partly(0.5, f"That is turned round: a fall is above 0. {said}")
    return wrong(said)


EXERCISES = (
    Formula(
        name="first-of-three",
        kind="predict",
        answer="answer",
        rubric="One over the number of marked steps; half of the points for what is close to it.",
        judge=which_came_first,
        practice={"marked": 3, "values": Ordered().values},
        fresh={"marked": (2, 4, 5, 6), "values": (7, 9, 10, 12, 16)},
    ),
    Function(
        name="closing-kinds",
        kind="implement",
        answer="closing_kinds",
        rubric="The kind of every closing bracket; half of the points where all are right that have no other bracket "
        "within.",
        judge=closes,
        given=nested,
    ),
    Number(
        name="price-of-places",
        kind="investigate",
        answer="price",
        rubric="The difference of the two mean shares, to within 0.02; half of the points where its sign is turned "
        "round.",
        judge=price_of_places,
        practice={"model": "attention-positions"},
        fresh={"model": ("rnn", "lstm-forget-1", "gru")},
    ),
)
