"""The exercises' checks: what is right, what is wrong and why, what is open, and what cannot be used."""

import ast
import math
import re
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from pages import SOURCES
from sevenlenses import check, kata, records
from sevenlenses.exercises.values import call
from sevenlenses.lenses import EXERCISES, EXPERIMENTS
from sevenlenses.lenses.credit.attribution import METHODS
from sevenlenses.lenses.locality.moments import COMPARED
from sevenlenses.lenses.structure.rules import COMPARED as FOLLOWERS
from sevenlenses.models.min_lstm import parallel_scan
from sevenlenses.models.variants import MAIN
from sevenlenses.tasks.moments import MOMENTS
from tried.structure import first_in_first_out, newest

# Answers that are functions


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


def sums(s, z, k, v):
    """The solution: the outer product with the key along the rows, and the key."""
    return s + k.unsqueeze(-1) * v.unsqueeze(-2), z + k


def sums_in_place(s, z, k, v):
    s += k.unsqueeze(-1) * v.unsqueeze(-2)
    z += k
    return s, z


def turned_sums(s, z, k, v):
    return s + v.unsqueeze(-1) * k.unsqueeze(-2), z + k


def forgets_the_past(s, z, k, v):
    return k.unsqueeze(-1) * v.unsqueeze(-2), k


def adds_the_value(s, z, k, v):
    return sums(s, z, k, v)[0], z + v


def read(query, keys, values):
    """The solution."""
    scores = (keys @ query.unsqueeze(-1)).squeeze(-1) / query.shape[-1] ** 0.5
    return (scores.softmax(-1).unsqueeze(1) @ values).squeeze(1)


def unscaled_read(query, keys, values):
    return read(query * query.shape[-1] ** 0.5, keys, values)


def hard_read(query, keys, values):
    best = (keys @ query.unsqueeze(-1)).squeeze(-1).argmax(-1)
    return values[torch.arange(len(values)), best]


def read_that_scales_the_keys(query, keys, values):
    keys /= query.shape[-1] ** 0.5
    return read(query * query.shape[-1] ** 0.5, keys, values)


def read_that_clears(query, keys, values):
    found = read(query, keys, values)
    values.zero_()
    return found


def occlusion(score, values, classes):
    """The solution."""
    before, credit = score(values), torch.zeros(len(values), dtype=torch.float64)
    for step, now in enumerate(values.tolist()):
        for other in set(range(classes)) - {now}:
            changed = values.clone()
            changed[step] = other
            credit[step] += abs(score(changed) - before) / (classes - 1)
    return credit


def occlusion_over_all_values(score, values, classes):
    return occlusion(score, values, classes) * (classes - 1) / classes


def signed_occlusion(score, values, classes):
    before, rows = score(values), []
    for step in range(len(values)):
        changed = [values.clone() for _ in range(classes)]
        for other, one in enumerate(changed):
            one[step] = other
        rows.append(sum(before - score(one) for one in changed) / (classes - 1))
    return rows


def occlusion_in_place(score, values, classes):
    before, credit = score(values), []
    for step in range(len(values)):
        values[step] = (values[step] + 1) % classes
        credit.append(abs(score(values) - before))
    return credit


def direction(a, b):
    """The solution: each scaled by its largest entry first."""
    sizes = [max(map(abs, one)) for one in (a, b)]
    if min(sizes) == 0:
        return None
    a, b = ([x / size for x in one] for one, size in zip((a, b), sizes, strict=True))
    return kata.dot(a, b) / (kata.norm(a) * kata.norm(b))


def direction_or_zero(a, b):
    return direction(a, b) or 0.0


def without_a_threshold(a, b):
    return None if kata.norm(a) * kata.norm(b) == 0 else kata.cosine(a, b, 0.0)


def last_in_first_out(tokens):
    """The solution: a stack."""
    stack, answers = [], []
    for token in tokens:
        if token < 4:
            stack.append(token)
        else:
            answers.append(stack.pop())
    return answers


def attend(q, k, v, *, past=True, scale=0.5, axis=-1):
    """The solution, and what one may get wrong of it."""
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** scale
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return (scores.masked_fill(future, -torch.inf) if past else scores).softmax(axis) @ v


def hides_too_late(q, k, v):
    weights = (q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1)
    return weights.tril() @ v


def hides_itself(q, k, v):
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(0)
    return scores.masked_fill(future, -torch.inf).softmax(-1).nan_to_num() @ v


def two_axes_alone(q, k, v):
    return attend(q, k, v) if q.ndim == 2 else q


def raises(*_):
    raise RuntimeError("shapes")


def scan(a, b):
    """The solution."""
    reach = 1
    while reach < b.shape[1]:
        earlier_b, earlier_a = torch.zeros_like(b), torch.zeros_like(a)
        earlier_b[:, reach:], earlier_a[:, reach:] = b[:, :-reach], a[:, :-reach]
        a, b, reach = a * earlier_a, b + a * earlier_b, 2 * reach
    return b


def loop(a, b):
    h, states = torch.zeros_like(b[:, 0]), []
    for t in range(b.shape[1]):
        h = a[:, t] * h + b[:, t]
        states.append(h)
    return torch.stack(states, 1)


def scan_that_forgets_the_product(a, b):
    reach = 1
    while reach < b.shape[1]:
        b = b + a * torch.nn.functional.pad(b[:, :-reach], (0, 0, reach, 0))
        reach *= 2
    return b


def next_state(x, h, c, weight, bias):
    """The solution: one product for all rows, h before x."""
    i, f, g, o = (torch.cat([h, x], 1) @ weight.T + bias).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def input_first(x, h, c, weight, bias):
    i, f, g, o = (torch.cat([x, h], 1) @ weight.T + bias).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def cell_step(i, f, o, candidate, c):
    """The solution."""
    c = f * c + i * candidate
    return c, o * c.tanh()


def cell_step_in_place(i, f, o, candidate, c):
    c *= f
    c += i * candidate
    return c, o * c.tanh()


def squashed_cell_step(i, f, o, candidate, c):
    c = (f * c + i * candidate).tanh()
    return c, o * c


def open_cell_step(i, f, o, candidate, c):
    c = f * c + i * candidate
    return c, o * c


# Right in another order: as a loop, backwards, with other operations


def backward_by_columns(gradient, after, weight):
    turned = (gradient - gradient * after * after).flip(1)
    return sum(turned[:, i : i + 1] * weight.flip(0)[i] for i in range(len(weight)))


def sums_by_einsum(s, z, k, v):
    return torch.einsum("bhi,bhj->bhij", k, v) + s, k + z


def read_backwards(query, keys, values):
    scores = (keys.flip(1) * query[:, None] / query.shape[-1] ** 0.5).sum(-1)
    weights = (scores - scores.logsumexp(1, keepdim=True)).exp()
    return sum(weights[:, i, None] * values.flip(1)[:, i] for i in range(keys.shape[1]))


def occlusion_on_a_plain_tensor(score, values, classes):
    credit = torch.zeros(len(values))  # PyTorch's own type
    for step in reversed(range(len(values))):
        for other in range(classes - 1, -1, -1):
            changed = values.clone()
            changed[step] = other
            credit[step] += abs(score(values) - score(changed))
    return credit / (classes - 1)


def direction_by_hypot(a, b):
    if not any(a) or not any(b):
        return None
    a, b = ([x / max(map(abs, one)) for x in one] for one in (a, b))
    return sum(x * y for x, y in zip(reversed(a), reversed(b), strict=True)) / (math.hypot(*a) * math.hypot(*b))


def kinds_from_the_end(tokens):
    """Each closing bracket looks back for the nearest that is open at its depth."""
    depth, depths = 0, []
    for token in tokens:
        depth += 1 if token < 4 else 0
        depths.append(depth)
        depth -= 0 if token < 4 else 1
    closing = [i for i, token in enumerate(tokens) if token >= 4]
    return [next(tokens[j] for j in range(i, -1, -1) if tokens[j] < 4 and depths[j] == depths[i]) for i in closing]


def soft_gates(mark):
    write = (60 * mark - 30).sigmoid()
    return 1 - write, write


def next_state_by_parts(x, h, c, weight, bias):
    of_h, of_x = weight.split([h.shape[1], x.shape[1]], 1)
    i, f, g, o = (bias + (of_x @ x.T).T + (of_h @ h.T).T).chunk(4, 1)
    c = torch.tanh(g) / (1 + (-i).exp()) + c / (1 + (-f).exp())
    return c.tanh() / (1 + (-o).exp()), c


def cell_step_turned(i, f, o, candidate, c):
    c = candidate * i + c * f
    return c, c.sinh() / c.cosh() * o


def attend_step_by_step(q, k, v):
    steps = []
    for t in range(q.shape[-2]):
        past = slice(0, t + 1)
        scores = (k[..., past, :].flip(-2) * q[..., t : t + 1, :]).sum(-1) * q.shape[-1] ** -0.5
        weights = (scores - scores.amax(-1, keepdim=True)).exp()
        steps.append((weights[..., None] * v[..., past, :].flip(-2)).sum(-2) / weights.sum(-1, keepdim=True))
    return torch.stack(steps, -2)


RIGHT = {
    "backward-step": (backward, backward_by_columns),
    "running-sums": (sums, sums_by_einsum),
    "read-only": (read, read_backwards),
    "leave-one-out": (occlusion, occlusion_on_a_plain_tensor),
    "kata-cosine": (direction, direction_by_hypot),
    "closing-kinds": (last_in_first_out, kinds_from_the_end),
    "gates-by-hand": (lambda mark: (1 - mark, mark), soft_gates),
    "step-in-rows": (next_state, next_state_by_parts),
    "cell-step": (cell_step, cell_step_turned),
    "whole-attention": (attend, attend_step_by_step),
    "doubling-scan": (scan, parallel_scan),
}


VERDICTS = [
    ("settled-cell", 0.8, True, "Right: there, what fades (0.08) is what comes in."),
    ("settled-cell", "0.8", True, "Right"),
    ("settled-cell", 0.0523, False, "That is what 28 words leave when nothing is written."),
    ("settled-cell", 0.88, False, "Solve for c."),  # a coincidence of 0.8 + 0.08
    ("cell-step", cell_step, True, "Right. Only the hidden state goes through a tanh; from cell to cell there is a"),
    ("cell-step", cell_step_in_place, False, "Your step has changed the old cell. Make a new tensor."),
    ("cell-step", squashed_cell_step, False, "The cell is off: forget gate times the old cell, plus"),
    ("cell-step", lambda i, f, o, g, c: cell_step(f, i, o, g, c), False, "The cell is off"),
    ("cell-step", open_cell_step, False, "The cell is right. The hidden state is the output gate times the tanh"),
    ("cell-step", lambda i, f, o, g, c: (f * c + i * g, g), False, "The cell is right."),
    ("cell-step", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    (
        "cell-step",
        lambda *gates: cell_step(*gates)[0],
        False,
        "two tensors of shape (3, 5); got one of shape (3, 5).",
    ),
    ("cell-step", lambda *_: None, False, "two tensors of shape (3, 5); got None."),
    ("cell-step", lambda *_: (torch.nan * _[0], _[1]), False, "The cell is off"),
    ("cell-step", raises, False, "could not be used: RuntimeError: shapes"),
    ("first-change", 8, True, "Right: word 8; 0.40 of the sentences are lost there."),
    ("first-change", "8", True, "Right"),
    ("first-change", 2, False, "That is a place in the array. Its first place stands for word 6."),
    ("first-change", 6, False, "Average over the seeds first."),  # where the first seed alone loses most
    ("first-change", 9, False, "Average"),
    ("first-change", 5, False, "How far `held` falls from one word to the next is what is lost there."),
    ("half-life", 231, True, "Right: after 231 steps half is left."),
    ("half-life", 230.7, True, "Right"),
    ("half-life", "231", True, "Right"),
    ("half-life", 50, False, "After 50 steps a share of 0.861 is left. Solve 0.997^k = 1/2 for k."),
    ("half-life", -231, False, "Solve"),
    ("backward-step", backward, True, "Right: your step equals automatic differentiation."),
    ("backward-step", spoils_its_arguments, True, "Right"),
    ("backward-step", forgets_the_slope, False, "It differs from automatic differentiation by up to"),
    ("backward-step", forgets_to_turn, False, "but the matrix is turned round: a row times W goes back."),
    ("backward-step", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    (
        "backward-step",
        lambda *_: None,
        False,
        "should return the gradient at h(t-1), a tensor of shape (3, 5)",
    ),
    ("backward-step", lambda *_: torch.zeros(5, 3), False, "a tensor of shape (3, 5); got one of shape (5, 3)."),
    ("backward-step", lambda *_: torch.full((3, 5), float("nan")), False, "It differs"),
    ("backward-step", breaks, False, "Your answer could not be used: RuntimeError: <b>shapes</b>"),
    ("backward-step", lambda gradient: gradient, False, "could not be used: TypeError"),
    ("steady-gain", 1.4, True, "On three fresh seeds the share that reaches word 1 of 50 is"),
    ("steady-gain", 1.0, False, "it vanishes. Scale up."),
    ("steady-gain", 1.5, False, "it explodes. Scale down."),  # the chapter's own
    ("steady-gain", 2.5, False, "it explodes. Scale down."),
    ("steady-gain", 0, False, "The scaling should be above 0 and at most 10; got 0."),
    ("steady-gain", 11, False, "at most 10; got 11."),
    ("pair-bits", math.log2(math.comb(64, 16)) + 64, True, "Right: 112.8 bits, less than 4 numbers of 32 bits hold."),
    ("pair-bits", 113, True, "Right"),
    ("pair-bits", "113", True, "Right"),
    ("pair-bits", 157, False, "157.0 bits would also keep the order of the pairs, which no question asks for."),
    ("pair-bits", 16 * (6 + 4), False, "Which sets of 16 keys are there, out of 64? And how many bits is one value of"),
    ("pair-bits", 64, False, "Which sets"),  # the values alone
    ("pair-bits", -113, False, "Which sets"),
    ("running-sums", sums, True, "Right: at each of seven steps your S and z are the sums over all steps so far."),
    ("running-sums", sums_in_place, True, "Right"),
    ("running-sums", turned_sums, False, "S gains the outer product of k and v, with k along its rows; z gains k."),
    ("running-sums", forgets_the_past, False, "S and z are off by up to"),
    ("running-sums", adds_the_value, False, "One of the two is right, and z is off."),
    ("running-sums", lambda s, z, k, v: (s * torch.nan, z), False, "off by up to nan"),
    ("running-sums", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    (
        "running-sums",
        lambda s, z, k, v: s,
        False,
        "S and z, of shapes (3, 4, 4, 4) and (3, 4, 4); got one of",
    ),
    ("running-sums", lambda s, z, k, v: (z, s), False, "should return S and z"),
    ("running-sums", lambda *_: None, False, "should return S and z"),
    ("running-sums", lambda *_: (1.0, 2.0), False, "should return S and z"),
    ("running-sums", raises, False, "could not be used: RuntimeError: shapes"),
    ("running-sums", lambda s: s, False, "could not be used: TypeError"),
    ("room-for-forty", 32, False, ": not yet half. Go larger."),
    ("room-for-forty", 128, False, "Go smaller."),
    ("room-for-forty", 42, False, "The size should be a multiple of 4 from 4 to 256; got 42."),
    ("room-for-forty", 0, False, "got 0."),
    ("room-for-forty", 260, False, "got 260."),
    ("room-for-forty", 40.5, False, "got 40.5."),
    ("two-values", 0.5625, True, "Right: 1/8 of the time both values are the same; else it is one in two: 0.5625."),
    ("two-values", 0.56, True, "Right"),
    ("two-values", "0.5625", True, "Right"),
    ("two-values", 0.5, False, "Almost: what if the two values happen to be the same?"),
    ("two-values", 0.125, False, "With two values in hand one guesses one of them. How often is that right?"),  # chance
    ("two-values", 0.625, False, "How often is that right?"),  # 1/2 + 1/8
    ("two-values", 1, False, "How often"),
    ("two-values", 56.25, False, "How often"),
    ("gates-by-hand", lambda mark: (1 - mark, mark), True, "Right: on 64 sequences of 12 steps the cell ends with"),
    ("gates-by-hand", lambda mark: [1 - mark, mark], True, "Right"),
    ("gates-by-hand", lambda mark: (mark, 1 - mark), False, "What should the gates do at a step without a mark?"),
    ("gates-by-hand", lambda mark: (torch.ones(64), mark), False, "The cell is off by up to"),  # it started somewhere
    ("gates-by-hand", lambda mark: (1, 1), False, "The cell is off by up to"),
    ("gates-by-hand", lambda mark: (1 - mark, torch.ones(64)), False, "off by up to"),
    ("gates-by-hand", lambda mark: (1 - mark, 2 * mark), False, "A gate is a number from 0 to 1."),
    ("gates-by-hand", lambda mark: (-mark, mark), False, "A gate is a number from 0 to 1."),
    ("gates-by-hand", lambda mark: (mark * torch.nan, mark), False, "off by up to nan"),
    ("gates-by-hand", lambda mark: ..., None, "Not answered yet: your function still returns the three dots."),
    (
        "gates-by-hand",
        lambda mark: mark,
        False,
        "two gates: forget, input, each of shape (64,); got one of",
    ),
    ("gates-by-hand", lambda mark: (mark, mark, mark), False, "should return two gates"),
    ("gates-by-hand", lambda mark: None, False, "should return two gates"),
    ("gates-by-hand", lambda mark: ("open", "shut"), False, "each of shape (64,); got 'open'."),
    ("gates-by-hand", raises, False, "could not be used: RuntimeError: shapes"),
    ("moment-gap", 0.55, True, "Right: 0.90 when marked, 0.35 when asked last: a loss of 0.55."),
    ("moment-gap", "0.55", True, "Right"),
    ("moment-gap", 0.535, True, "Right"),
    ("moment-gap", -0.55, False, "Take the mean over the five seeds, for 'bidirectional', and subtract 'last' from"),
    ("moment-gap", 0.8, False, "Take the mean"),  # of one seed alone
    ("moment-gap", 0.1, False, "Take the mean"),  # flag less first
    (
        "first-of-three",
        1 / 3,
        True,
        "Right: all orders of 3 are equally likely, so each value came first 1/3 of the time.",
    ),
    ("first-of-three", "0.333", True, "Right"),
    ("first-of-three", 0.125, False, "That is chance, of who sees nothing."),
    ("first-of-three", 0.5, False, "How often did each of them come first?"),
    ("first-of-three", 33.3, False, "How often"),
    ("closing-kinds", last_in_first_out, True, "Right on 32 sequences of 24 steps: last in, first out."),
    ("closing-kinds", lambda tokens: tuple(last_in_first_out(tokens)), True, "Right"),
    ("closing-kinds", first_in_first_out, False, "Which open bracket came last and is still open?"),
    ("closing-kinds", newest, False, "Which open bracket came last and is still open?"),
    ("closing-kinds", lambda tokens: [], False, "should return a list, one kind for each closing bracket: here"),
    ("closing-kinds", lambda tokens: None, False, "should return a list"),
    ("closing-kinds", lambda tokens: ..., None, "Not answered yet: your function still returns the three dots."),
    ("closing-kinds", raises, False, "could not be used: RuntimeError: shapes"),
    ("price-of-places", 0.2, True, "Right: 1.00 without places, 0.80 with them."),
    ("price-of-places", "0.2", True, "Right"),
    ("price-of-places", 0.185, True, "Right"),
    ("price-of-places", -0.2, False, "then without places less with them."),
    ("price-of-places", 0.8, False, "Take the share by relation, the first of the three"),
    ("price-of-places", 0.3, False, "Take the share"),  # of one seed alone
    ("diluted-weight", math.exp(5) / (math.exp(5) + 131), True, "Right: 0.53. At the first read it was 0.97."),
    ("diluted-weight", "0.53", True, "Right"),
    ("diluted-weight", 0.974, False, "0.97 is the weight at the first read. At the 128th, 128 reads lie in the store"),
    ("diluted-weight", math.exp(5) / (math.exp(5) + 3), False, "At the 128th, 128 reads lie in the store too."),
    ("diluted-weight", 5 / (5 + 131), False, "A softmax weight is e^score over the sum of e^score."),
    ("diluted-weight", 1 / 132, False, "A softmax weight"),
    ("read-only", read, True, "Right: your read equals PyTorch's, and left the store as it was."),
    ("read-only", unscaled_read, False, "Divide the scores by the root of the width, then softmax, then average."),
    ("read-only", hard_read, False, "It is off by up to"),
    ("read-only", lambda query, keys, values: values.mean(1), False, "It is off by up to"),
    ("read-only", read_that_scales_the_keys, False, "Your read has changed the store. Make new tensors"),
    ("read-only", read_that_clears, False, "Your read has changed the store."),
    ("read-only", lambda query, keys, values: query.fill_(torch.nan), False, "It is off by up to nan"),
    ("read-only", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    ("read-only", lambda *_: None, False, "should return what was read, a tensor of shape (3, 8); got None."),
    ("read-only", lambda query, keys, values: values, False, "a tensor of shape (3, 8); got one of shape (3, 6, 8)."),
    ("read-only", lambda *_: np.zeros((3, 8)), False, "It is off by up to"),
    ("read-only", raises, False, "could not be used: RuntimeError: shapes"),
    ("read-only", lambda query: query, False, "could not be used: TypeError"),
    ("half-way-read", 5, True, "Right: read 5 is the first below 0.5 (0.45)."),
    ("half-way-read", "5", True, "Right"),
    ("half-way-read", 4, True, "Right: read 5"),  # counted from 0
    ("half-way-read", 6, True, "Right: read 5"),
    ("half-way-read", 3, False, "Average over the seeds first; then find the first read whose accuracy is below 0.5."),
    ("half-way-read", 128, False, "Reads count from 1."),  # the last, which is below too
    ("half-way-read", 0.5, False, "Average over the seeds"),
    ("kata-crossing", 192, True, "Right: 192 steps. The program's two formulas meet at 1,024."),
    ("kata-crossing", "191", True, "Right"),
    ("kata-crossing", 1024, False, "they leave out a product and all projections."),
    ("kata-crossing", 384, False, "solve for T. Attention multiplies each pair twice."),  # multiplied once
    ("kata-cosine", direction, True, "Right: direction without a threshold, and None where there is none."),
    (
        "kata-cosine",
        kata.cosine,
        False,
        "Of a state that is all zero there is no direction: return None there; got 0.0.",
    ),
    ("kata-cosine", direction_or_zero, False, "return None there; got 0.0."),
    ("kata-cosine", lambda a, b: direction(a, b) and kata.cosine(a, b), False, "the cosine is 0.8; got 0.0."),
    ("kata-cosine", without_a_threshold, False, "Divide each by its largest entry first: a square of 1e-"),
    ("kata-cosine", lambda a, b: ..., None, "Not answered yet: your function still returns the three dots."),
    ("kata-cosine", breaks, False, "could not be used: TypeError"),
    ("kata-turn", 72, True, "Right: the matrix turns once in 72.4 steps"),
    ("kata-turn", "73", True, "Right"),
    ("kata-turn", 36, False, "where the cosine of the cell comes back to a maximum after its lowest."),  # half of it
    ("blind-share", 1 / 63, True, "Right: 1/63 = 0.0159. Shares add up to 1, whatever their order."),
    ("blind-share", "0.0159", True, "Right"),
    ("blind-share", 0.5, False, "That is the share of the last step. The responsible one is anywhere."),
    ("blind-share", 1 / 64, False, "The 63 shares add up to 1."),
    ("blind-share", 2.0**-31, False, "Each of them is the responsible step's as often as any other."),  # in the middle
    ("leave-one-out", occlusion, True, "Right: your credit equals ours at every step."),
    ("leave-one-out", lambda *given: occlusion(*given).tolist(), True, "Right"),
    ("leave-one-out", occlusion_over_all_values, False, "You average over all values, the step's own too."),
    ("leave-one-out", signed_occlusion, False, "take the size of the change; average over the others."),
    ("leave-one-out", occlusion_in_place, False, "Your function has changed the sequence that it was given."),
    ("leave-one-out", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    ("leave-one-out", lambda *_: torch.zeros(5), False, "one number a step, of shape (6,); got one of shape (5,)."),
    ("leave-one-out", lambda *_: torch.full((6,), torch.nan), False, "Replace one step at a time"),
    ("leave-one-out", lambda *_: None, False, "of shape (6,); got None."),
    ("leave-one-out", raises, False, "could not be used: RuntimeError: shapes"),
    ("sharper-by", 2.5, True, "Right: 0.90 by occlusion, 0.36 by gradient."),
    ("sharper-by", "2.45", True, "Right"),
    ("sharper-by", 0.4, False, "Take the last look, both methods, and the mean over seeds and places; then divide."),
    ("sharper-by", 0.54, False, "Take the last look"),  # the difference
    ("meeting-length", 5120, True, "Right: at 5,120 steps both take 200 ms."),
    ("meeting-length", "5120", True, "Right"),
    ("meeting-length", 1024, False, "At 1,024 steps the loop takes 40 ms and the other 8 ms."),
    ("meeting-length", 2560, False, "Write both times as a number times a power of T / 512."),
    ("meeting-length", -5120, False, "Twice the length"),
    ("doubling-scan", scan, True, "operations in a row at 64 steps, and only"),
    ("doubling-scan", parallel_scan, True, "Right: 18 operations in a row at 64 steps, and only 24 at 256."),
    ("doubling-scan", loop, False, "Every h is right, but"),
    ("doubling-scan", scan_that_forgets_the_product, False, "It is off by up to"),
    ("doubling-scan", lambda a, b: b * torch.nan, False, "It is off by up to nan"),
    ("doubling-scan", lambda a, b: b.cumsum(1), False, "What do two stretches side by side make"),
    ("doubling-scan", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    ("doubling-scan", lambda *_: None, False, "should return all h, a tensor of shape (2, 37, 5); got None."),
    ("doubling-scan", lambda a, b: b[:, -1], False, "got one of shape (2, 5)."),
    ("doubling-scan", raises, False, "could not be used: RuntimeError: shapes"),
    ("overtaken", 512, True, "Right: at 512 steps attention takes 1.2 times as long."),
    ("overtaken", "512", True, "Right"),
    ("overtaken", 256, False, "Take the curve of batch 16 and the median over the sweeps"),
    ("overtaken", 2048, False, "find the first length where it is above 1."),  # where batch 1 is
    ("overtaken", 2, False, "find the first length"),  # its place
    ("own-share", math.exp(8) / (math.exp(8) + 32), True, "Right: 0.989. It hardly hears anybody else."),
    ("own-share", "0.99", True, "Right"),
    ("own-share", 1, False, "With a score of 64 it would be that. Divide by the root of the width first."),
    ("own-share", 1 / 33, False, "Then e^score over the sum."),
    ("own-share", 8 / 40, False, "Then e^score over the sum."),
    ("whole-attention", attend, True, "Right: you have written attention. It equals PyTorch's at every shape"),
    ("whole-attention", lambda q, k, v: attend(q, k, v, past=False), False, "A step reads from steps after it"),
    ("whole-attention", lambda q, k, v: attend(q, k, v, scale=0), False, "The scores are not scaled"),
    ("whole-attention", lambda q, k, v: attend(q, k, v, scale=1), False, "Divide by the root of the width, not by"),
    ("whole-attention", lambda q, k, v: attend(q, k, v, axis=-2), False, "The softmax goes along the wrong axis"),
    ("whole-attention", hides_too_late, False, "hide the future before the softmax, not after it."),
    ("whole-attention", hides_itself, False, "It is off by up to"),
    ("whole-attention", lambda q, k, v: attend(k, q, v), False, "It is off by up to"),
    (
        "whole-attention",
        two_axes_alone,
        False,
        "shape (2, 9, 17) for q and k of (2, 9, 16) and v of (2, 9, 17); got",
    ),
    ("whole-attention", lambda q, k, v: v * torch.nan, False, "It is off by up to nan"),
    ("whole-attention", lambda q, k, v: q.zero_() @ k.zero_().transpose(-1, -2) @ v, False, "It is off by up to"),
    ("whole-attention", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    ("whole-attention", lambda *_: None, False, "should return a tensor of shape (2, 9, 17)"),
    ("whole-attention", lambda q, k, v: v.numpy(), False, "It is off by up to"),
    ("whole-attention", raises, False, "could not be used: RuntimeError: shapes"),
    ("whole-attention", lambda q: q, False, "could not be used: TypeError"),
    ("saved-steps", 6, True, "Right: 420 training steps with one role, 70 with three: 6.0 times as many."),
    ("saved-steps", "6.2", True, "Right"),
    ("saved-steps", 1 / 6, False, "divide that of one role by that of three."),
    ("saved-steps", 350, False, "Take the mean of `used` over the seeds"),  # the difference
    ("lstm-weights", 2560, True, "Right: 4 · 20 rows of 10 + 20 weights and 2 biases, 2,560 in all."),
    ("lstm-weights", "2560", True, "Right"),
    ("lstm-weights", 2560 * 50, False, "The same weights serve every step"),
    ("lstm-weights", 2480, False, "PyTorch keeps two biases for each row, one beside each matrix."),
    ("lstm-weights", 2400, False, "The biases are missing"),
    ("lstm-weights", 640, False, "That is one of the four"),
    ("lstm-weights", -2560, False, "Count rows, four for each unit"),
    ("step-in-rows", next_state, True, "Right: your step equals PyTorch's."),
    ("step-in-rows", input_first, False, "h comes first in the joined vector; rows of the matrix are in the order"),
    ("step-in-rows", lambda *_: ..., None, "Not answered yet: your function still returns the three dots."),
    (
        "step-in-rows",
        lambda *_: None,
        False,
        "should return h and c, two tensors of shape (2, 5): a row a",
    ),
    ("step-in-rows", lambda x, h, c, *_: (h.T, c.T), False, "a row a sequence"),
    ("step-in-rows", lambda x, h, c, *_: (h * float("nan"), c), False, "It is off by up to nan"),
    ("step-in-rows", breaks, False, "could not be used: TypeError"),
    ("steps-unrolled", 16, True, "Right: 16 of 64 steps leave an error of 0.0"),
    ("steps-unrolled", "16", True, "Right"),
    ("steps-unrolled", 8, False, "With 8 steps the median error is 0."),
    ("steps-unrolled", 32, False, "With 32 steps the median error is 0.00"),
    ("steps-unrolled", 10, False, "One of the numbers of steps that were measured: 1, 2, 4, 8, 16, 32, 64."),
]


@pytest.fixture
def recorded(monkeypatch):
    """Recorded runs of two seeds whose numbers are known, in place of those that are there."""
    final, right = np.ones((2, len(COMPARED), len(MOMENTS))), np.ones((2, len(MAIN), 128))
    final[:, COMPARED.index("bidirectional")] = [[1.0, 0.8, 0.2], [0.8, 0.8, 0.5]]  # flag, first, last
    falling = np.array([0.95, 0.85, 0.75, 0.65, 0.45, 0.55, *[0.2] * 122])
    right[:, MAIN.index("lstm-forget-1")] = falling - 0.2, falling + 0.2
    mass = np.full((2, 3, len(METHODS), 2), 0.5)  # (seeds, looks, methods, places)
    mass[:, -1, METHODS.index("gradient")] = [[0.1, 0.3], [0.5, 0.54]]
    mass[:, -1, METHODS.index("swap")] = [[0.8, 1.0], [0.9, 0.9]]
    watched = {"variant": "lstm-forget-1", "length": 64, "rate": "chosen"}
    ratio = np.tile([0.1, 0.1, 0.2, 0.4, 0.6, 0.8, 1.2, 2.4], (2, 3, 1))
    ratio[:, 2] = [0.1, 0.2, 0.3, 0.6, 0.8, 2, 3, 4], [0.1, 0.2, 0.5, 1.1, 1.6, 2, 3, 4]
    rules = np.zeros((2, len(FOLLOWERS), 3))
    rules[:, FOLLOWERS.index("attention"), 0] = 1.0
    rules[:, FOLLOWERS.index("attention-positions")] = [[0.7, 0.3, 0.0], [0.9, 0.0, 0.1]]
    held = np.ones((2, len(MAIN), 57))
    held[:, MAIN.index("rnn")] = 0.3  # from word 9 on
    held[:, MAIN.index("rnn"), :4] = [[1.0, 0.7, 0.7, 0.6], [1.0, 1.0, 0.9, 0.2]]  # words 5 to 8
    asked = {
        (EXPERIMENTS["reading-changes"], ("steps", 200)): SimpleNamespace(held=held),
        (EXPERIMENTS["credit-watch"], *watched.items()): SimpleNamespace(mass=mass),
        (EXPERIMENTS["structure-rivals"], ("pairs", 8)): SimpleNamespace(rules=rules),
        (EXPERIMENTS["locality-rivals"], ("pairs", 32)): SimpleNamespace(final=final),
        (EXPERIMENTS["scaling-crossing"], ("against", "lstm-fused"), ("passes", "both")): SimpleNamespace(ratio=ratio),
        (EXPERIMENTS["access-again"], ("trained", 1), ("asked", "random")): SimpleNamespace(right=right),
    }
    steps = {"rung-selective": SimpleNamespace(used=np.array([400.0, 440.0]))}
    steps["chained-roles"] = SimpleNamespace(used=np.array([60.0, 80.0]))
    asked |= {
        (EXPERIMENTS["synthesis-rungs"], ("variant", name), ("test", "kin"), ("rate", "chosen")): runs
        for name, runs in steps.items()
    }
    monkeypatch.setattr(records, "load", lambda experiment, at: asked[experiment, *at.items()])


LONG = "room-for-forty"  # it measures states


@pytest.mark.parametrize(
    ("name", "answer", "right", "said"),
    [pytest.param(*one, marks=pytest.mark.slow) if one[0] == LONG else one for one in VERDICTS],
)
def test_a_verdict(recorded, name, answer, right, said):
    verdict = check(name, answer)
    assert verdict.right is right
    assert said in verdict.message


# Every answer in every form

TYPES = {"float32": torch.float32, "float64": torch.float64}
FORMS = {
    "tensor": lambda one: one,
    "gradient": lambda one: one.clone().requires_grad_(),
    "array": lambda one: one.numpy(),
    "list": lambda one: one.tolist(),
}


def handed(function, dtype, form):
    """The same function, computing in another type and returning in another form."""

    def given(one):
        if isinstance(one, list) and isinstance(one[0], float):
            return list(torch.tensor(one, dtype=dtype).numpy())
        return one.to(dtype) if isinstance(one, torch.Tensor) and one.is_floating_point() else one

    def returned(one):
        if isinstance(one, tuple):
            return tuple(map(returned, one))
        return None if one is None else form(torch.as_tensor(one, dtype=dtype))

    return lambda *arguments: returned(function(*map(given, arguments)))


def forms():
    return [(dtype, form) for dtype in TYPES.values() for form in FORMS.values()]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_right_in_every_type_and_form_and_order(name):
    for function in RIGHT[name]:
        assert check(name, function).right, f"{function.__name__}: {check(name, function)}"
        for dtype, form in forms():
            verdict = check(name, handed(function, dtype, form))
            assert verdict.right, f"{function.__name__} in {dtype}: {verdict}"


@pytest.mark.slow
@pytest.mark.parametrize("name", RIGHT)
def test_a_wrong_answer_keeps_its_hint_in_every_type_and_form(name):
    of_shape = ("should return", "got ", "return", "changed", "could not", "of shape", "two gates")
    wrong = [(answer, said) for exercise, answer, right, said in VERDICTS if exercise == name and right is False]
    wrong = [(answer, said) for answer, said in wrong if callable(answer) and not any(one in said for one in of_shape)]
    assert wrong
    for answer, said in wrong:
        for dtype, form in forms():
            verdict = check(name, handed(answer, dtype, form))
            assert verdict.right is False and said in verdict.message, f"{said} in {dtype}: {verdict}"


NUMBERS = sorted(set(EXERCISES) - set(RIGHT))


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_judged_alike_in_every_form(recorded, name):
    for _, answer, right, said in (one for one in VERDICTS if one[0] == name):
        spelled = [str(answer), *([] if isinstance(answer, str) else [[answer], np.array([answer]), Decimal(answer)])]
        for one in [*spelled, *(form(torch.tensor(float(answer), dtype=dtype)) for dtype, form in forms())]:
            verdict = check(name, one)
            assert verdict.right is right and (said in verdict.message or "got" in said), f"{one!r}: {verdict}"


@pytest.mark.parametrize("name", EXERCISES)
def test_what_is_no_answer_is_told_so(recorded, name):
    if name in RIGHT:
        for answer in (3, None, "f", torch.zeros(3)):
            assert "The answer should be the function itself, by its name; got" in check(name, answer).message
        for answer in ("many", 1j, float("nan"), [[1.0], [1.0, 2.0]], [None], {"a": 1}, object()):
            verdict = check(name, lambda *_, answer=answer: answer)
            assert verdict.right is False and "could not be used" not in verdict.message, f"{answer!r}: {verdict}"
        return
    for answer in ("many", None, 1j, float("nan"), math.inf, [1.0, 2.0], [], torch.zeros(0), {"a": 1}, abs, "nan"):
        verdict = check(name, answer)
        assert verdict.right is False and verdict.message.startswith("The answer should be one "), verdict
        assert repr(answer)[:20] in verdict.message


def test_half_precision_is_not_called_wrong():
    for dtype in (torch.float16, torch.bfloat16):
        said = check("read-only", lambda *given, dtype=dtype: read(*given).to(dtype)).message
        assert said == f"Your function returns {dtype}, too coarse to tell. Compute in float32 or float64."


def test_what_a_function_makes_itself_may_have_pytorchs_own_type():
    def running_sum(a, b):
        """A matrix product with a matrix of ones: PyTorch multiplies no float32 with float64."""
        below = torch.ones(len(b), len(b)).tril()
        return below @ b

    source = torch.arange(6.0, dtype=torch.float64).reshape(3, 2)
    returned = call(running_sum, source, source)
    assert np.array_equal(returned.value, source.cumsum(0).numpy())
    assert all(np.array_equal(one, source.numpy()) for one in returned.given)


@pytest.mark.slow
def test_some_size_leaves_room_for_forty_and_it_is_not_alone():
    """One multiple of 4 off still counts, and no more."""
    found = [size for size in range(36, 65, 4) if check("room-for-forty", size).right]
    assert 2 <= len(found) <= 3 and np.ptp(found) == 4 * (len(found) - 1)
    said = check("room-for-forty", found[0]).message
    assert said.startswith(f"With {found[0]} units a share of 0.") and f"; with {found[0] - 8} units it is" in said
    assert "Go larger" in check("room-for-forty", found[0] - 4).message
    assert "Go smaller" in check("room-for-forty", found[-1] + 4).message


# The chapters


CHAPTERS = [page for page, source in SOURCES.items() if "\n## Exercises\n" in source]


def cells(source: str) -> list[tuple[str, str]]:
    """Tags and code of a chapter's cells, but for that of the numbers, whose names are not the reader's."""
    found = re.findall(r"^```\{code-cell\}.*\n((?::.*\n)*)((?:.*\n)*?)```$", source, re.MULTILINE)
    return [(tags, code) for tags, code in found if "remove-cell" not in tags]


def imports(code: str) -> str:
    body = [node for node in ast.parse(code).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return ast.unparse(ast.Module(body, []))


@pytest.mark.slow
@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_leaves_its_exercises_open_and_its_solutions_get_a_tick(page):
    before, _, after = SOURCES[page].partition("\n## Exercises\n")
    names, verdicts = {}, []
    for _, code in cells(before):
        exec(imports(code), names)

    def checked(name, answer=..., **parameters):
        verdicts.append((name, check(name, answer, **parameters)))
        return verdicts[-1][1]

    names["check"] = checked
    for tags, code in cells(after):
        solves, so_far = "hide-cell" in tags, len(verdicts)
        exec(code, names)
        assert len(verdicts) == so_far + ("check(" in code)
        if len(verdicts) > so_far:
            name, verdict = verdicts[-1]
            assert verdict.right is (True if solves else None), f"{name}: {verdict}"
            assert not solves or verdicts[-2][0] == name
    assert len(verdicts) == 6  # three exercises: open, and solved


def test_every_exercise_is_in_a_chapter():
    used = [name for page in CHAPTERS for name in re.findall(r'^check\("([\w-]+)"', SOURCES[page], re.MULTILINE)]
    assert sorted(used) == sorted([*EXERCISES, *EXERCISES])


# Every verdict


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_can_be_open_solved_and_missed(name):
    known = {right for exercise, _, right, _ in VERDICTS if exercise == name}
    assert known >= ({True, False} if name != "room-for-forty" else {False})  # whose right answer is searched for
    for verdict in (check(name), check(name, ...)):
        assert verdict.right is None
        assert repr(verdict).startswith("○ Not answered yet: put your answer in place of the three dots")


def test_an_unknown_exercise_is_said():
    with pytest.raises(ValueError) as error:
        check("half-live", 69)
    assert str(error.value) == f"there is no exercise 'half-live'; the exercises are {', '.join(EXERCISES)}."


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
