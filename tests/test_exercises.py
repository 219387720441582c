"""Every exercise, with the chapter's numbers and with fresh ones: its stub, its solution, and usual answers."""

import ast
import re
from functools import cache
from itertools import product

import pytest

from pages import SOURCES
from sevenlenses.exercises import Answers, Band, Exercise, Function, Judgement, Number
from sevenlenses.exercises.cells import assigned, checked, restated
from sevenlenses.exercises.values import NotAnswered, Unusable, read, written
from sevenlenses.lenses import EXERCISES
from tried import TRIED

SEEDS = (1, 2, 3, 4, 5)
CELL = re.compile(r"^```\{code-cell\}.*\n((?::.*\n)*)((?:.*\n)*?)```$", re.MULTILINE)
CELLS = {page: [(tags, code) for tags, code in CELL.findall(source)] for page, source in SOURCES.items()}
LONG = {"room-for-forty"}  # it measures states of many sizes
ALL = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in EXERCISES]
)


@cache
def page_of(name: str) -> str:
    return next(page for page, cells in CELLS.items() if any(name in checked(code) for _, code in cells))


def stub_and_solution(name: str) -> tuple[str, str]:
    stub, solution = (code for _, code in CELLS[page_of(name)] if name in checked(code))
    return stub, solution


@cache
def imported(page: str) -> str:
    """What the chapter imports, in its cells and in those of its exercises."""
    body = [node for tags, code in CELLS[page] if "numbers" not in tags for node in ast.parse(code).body]
    return ast.unparse(ast.Module([node for node in body if isinstance(node, ast.Import | ast.ImportFrom)], []))


def handed(name: str, parameters: dict, source: str):
    """What a cell hands to `check`, with the stub's parameters."""
    found, names = [], dict(parameters)
    exec(imported(page_of(name)), names)
    names["check"] = lambda which, answer=..., **stated: found.append((which, answer, stated))
    exec(source, names)
    ((which, answer, stated),) = found
    assert (which, stated) == (name, parameters)
    return answer


def judged(exercise: Exercise, answer, parameters: dict, seed: int):
    """By way of text, as the grader does it."""
    cases = exercise.cases(seed)
    try:
        collected = exercise.collect(answer, cases)
    except NotAnswered:
        return 0.0, "open"
    except Unusable as why:
        return 0.0, str(why)
    if isinstance(exercise, Function):
        for one in collected:
            assert str(read(written(one.value))) == str(one.value)
    try:
        judgement = exercise.judged(collected, cases, parameters)
    except Unusable as why:
        return 0.0, str(why)
    return judgement.share, judgement.message


def ways(exercise: Exercise):
    """The chapter's own parameters and cases, and fresh ones."""
    yield 0, dict(exercise.practice)
    for seed in SEEDS:
        yield seed, exercise.parameters(seed)


@pytest.mark.parametrize("shares", [(0.5, 0), (1, 1, 0), (1, 0.5, 1), (1, 0.5, 0.5)])
def test_one_answer_alone_is_right(shares):
    *known, rest = (Judgement(share, "") for share in shares)
    with pytest.raises(
        ValueError, match=f"the first band alone must have all of the points.*{re.escape(str(shares[0]))}"
    ):
        Answers(tuple(Band(0, 1, one) for one in known), rest)


def test_every_exercise_has_a_near_miss_and_three_wrong_answers():
    assert set(TRIED) == set(EXERCISES)
    assert all(len({tried for tried, _ in one.wrong}) >= 3 and 0 < one.near[1] < 1 for one in TRIED.values())


@ALL
def test_the_stub_scores_nothing_and_states_what_the_exercise_asks(name):
    exercise, (stub, _) = EXERCISES[name], stub_and_solution(name)
    stated = {key: ast.literal_eval(value) for key, value in assigned(stub).items()}
    assert exercise.practice.items() <= stated.items() and stated.keys() <= {*exercise.practice, exercise.answer}
    for seed, parameters in ways(exercise):
        answer = handed(name, parameters, restated(stub, parameters))
        assert answer is ... or judged(exercise, answer, parameters, seed) == (0.0, "open")


@pytest.mark.slow
@ALL
def test_the_solution_scores_all_and_what_it_gives_in_the_chapter_is_not_the_answer_to_fresh_numbers(name):
    exercise, (_, solution) = EXERCISES[name], stub_and_solution(name)
    published = handed(name, dict(exercise.practice), solution)
    for seed, parameters in ways(exercise):
        answer = handed(name, parameters, solution) if seed else published
        share, said = judged(exercise, answer, parameters, seed)
        assert share == 1, f"{parameters}: {said}"
    for values in product(*exercise.fresh.values()) if isinstance(exercise, Number) else ():
        fresh = dict(zip(exercise.fresh, values, strict=True))
        assert judged(exercise, published, fresh, 0)[0] < 1, fresh


@pytest.mark.slow
@ALL
def test_a_near_miss_scores_its_share_and_a_wrong_answer_hears_what_is_wrong(name):
    exercise = EXERCISES[name]
    for seed, parameters in ways(exercise):

        def answer(tried, parameters=parameters):
            return tried if isinstance(exercise, Function) else tried(**parameters)

        near, share = TRIED[name].near
        found, said = judged(exercise, answer(near), parameters, seed)
        assert found == share, f"{parameters}: {said}"
        for tried, feedback in TRIED[name].wrong:
            found, said = judged(exercise, answer(tried), parameters, seed)
            assert found == 0 and feedback in said, f"{parameters}: {answer(tried)}: {said}"
