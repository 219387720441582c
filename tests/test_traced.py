"""Operations as a list: the same on other inputs, and what is made up is refused."""

import json

import pytest
import torch
from torch.nn.functional import pad

from sevenlenses.lenses import EXERCISES
from sevenlenses.lenses.scaling.depth import Waiting
from sevenlenses.lenses.scaling.exercises import COUNTED, draw, looped
from sevenlenses.lenses.scaling.traced import NotTraceable, record, replay


def doubled(a, b):
    reach = 1
    while reach < b.shape[1]:
        earlier = (0, 0, reach, 0)
        b, a = b + a * pad(b[:, :-reach], earlier), a * pad(a[:, :-reach], earlier)
        reach *= 2
    return b


def in_place(a, b):
    h = torch.empty_like(b)
    h[:, 0] = b[:, 0]
    for t in range(1, b.shape[1]):
        h[:, t] = a[:, t] * h[:, t - 1] + b[:, t]
    return h


def by_logarithms(a, b):
    sums = a.log().cumsum(1)
    return (sums + (b.log() - sums).logcumsumexp(1)).exp()


def by_products(a, b):
    """A matrix of products, from steps after s to t, applied to b."""
    sums = a.log().cumsum(1).permute(0, 2, 1)
    share = (sums.unsqueeze(-1) - sums.unsqueeze(-2)).exp().tril()
    return torch.einsum("bhts,bsh->bth", share, b)


INPUTS = [draw(1, 64, 4, seed) for seed in range(4)]


@pytest.mark.parametrize("function", [doubled, in_place, looped, by_logarithms, by_products])
def test_the_same_operations_give_what_the_function_gives(function):
    text = record(function, *INPUTS[:2])
    assert json.loads(text)
    found = replay(text, *INPUTS[2:], within=(counted := Waiting()))
    with Waiting() as own:
        expected = function(*INPUTS[2:])
    assert torch.equal(found, expected) and counted.depth == own.depth


def made_up(*steps: list, out: object = None) -> str:
    return json.dumps({"steps": list(steps), "out": {"at": 2} if out is None else out})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("null", "TypeError"),
        ("{", "JSONDecodeError"),
        (made_up(["aten.from_file.default", ["/etc/passwd"], {}, [2]]), "not among those"),
        (made_up(["os.system.default", ["true"], {}, [2]]), "not among those"),
        (made_up(["aten.zeros.__class__", [[1]], {}, [2]]), "Error"),
        (made_up(["aten.zeros.default", [[10**9, 10]], {}, [2]]), "makes more than"),
        (made_up(["aten.repeat.default", [{"at": 0}, [4096, 4096, 1]], {}, [2]]), "makes more than"),
        (made_up(["aten.add.Tensor", [{"at": 0}, {"at": 7}], {}, [2]]), "KeyError"),
        (made_up(["aten.add.Tensor", [{"torch": "load"}, {"at": 1}], {}, [2]]), "Error"),
        (made_up(out=[1, 2]), "no tensor comes of it"),
    ],
)
def test_what_is_made_up_is_refused(text, said):
    with pytest.raises(NotTraceable, match=said):
        replay(text, *INPUTS[:2], within=Waiting())


def test_who_claims_few_operations_has_to_do_with_them():
    """The right h of the inputs that were met, as a constant; and the operations of a sum, for which h is no match."""
    exercise = EXERCISES["doubling-scan"]
    cases = exercise.cases()
    honest = exercise.collect(doubled, cases)
    assert exercise.judged(honest, cases, {}).share == 1
    kept = {steps: looped(*(draw(1, steps, 4, seed) for seed in (0, 1))) for steps in COUNTED}
    for forged in (lambda a, b: kept[b.shape[1]] + 0, lambda a, b: b.cumsum(1)):
        told = [record(forged, *(draw(1, steps, 4, seed) for seed in (0, 1))) for steps in COUNTED]
        found = [honest[0], *(type(honest[0])(text, ()) for text in told)]
        judgement = exercise.judged(found, cases, {})
        assert judgement.share == 0.5 and "on other inputs it gives no h" in judgement.message
