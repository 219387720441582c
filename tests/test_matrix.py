"""Memories of one size: each rule of writing against its formula, and against the rule that it extends."""

import pytest
import torch
from torch.testing import assert_close

from oracles import normed
from sevenlenses.lenses.capacity import address, rooms
from sevenlenses.models import create
from sevenlenses.models.base import parameter_count
from sevenlenses.models.matrix import SHARE
from sevenlenses.models.memory import bytes_kept
from sevenlenses.runtime import generator

N_IN, H, K, D = 5, 12, 2, 3  # D: H / SHARE
EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
ALWAYS = 60.0  # a bias at which σ is 1 to rounding


def build(name: str):
    return create(name, N_IN, H, K, generator=generator(0, "weights")).double()


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


def written_out(name: str, model, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs and the last memory of one sequence (T, n_in), number by number."""
    e = x @ model.embed.weight.T + model.embed.bias  # (T, H)
    n = normed(e, model.norm)  # (T, H)
    q, k, v = (n @ rows.T for rows in model.qkv.weight.split(D))  # (T, D) each
    q, k = q / q.norm(dim=1, keepdim=True), k / k.norm(dim=1, keepdim=True)
    s, r, outputs = torch.zeros(D, D, dtype=torch.float64), torch.zeros(D, dtype=torch.float64), []
    for t in range(len(x)):
        keep, value = torch.ones(D, dtype=torch.float64), v[t]
        if name != "matrix":
            asked = model.gate.weight @ n[t] + model.gate.bias
            if name == "matrix-reading":
                asked = asked + model.seen @ r
            gates = 1 / (1 + (-asked).exp())
            if name == "matrix-delta":
                value = gates * (v[t] - s @ k[t])
            else:
                keep, value = gates[:D], gates[D:] * v[t]
        s = torch.stack([keep[row] * s[row] + value[row] * k[t] for row in range(D)])
        r = s @ q[t]
        outputs.append(model.head.weight @ (e[t] + model.mix.weight @ r) + model.head.bias)
    return torch.stack(outputs), s


@pytest.mark.parametrize("name", address.CELLS[1:])
def test_each_rule_is_its_formula(name):
    model, x = build(name), noise(2, 7, N_IN)
    trace = model(x, watch=True)
    for b in range(2):
        outputs, memory = written_out(name, model, x[b])
        assert_close(trace.outputs[b], outputs, **EXACT)
        assert_close(trace.inside["memory"][b], memory.detach(), **EXACT)


def test_without_an_address_it_is_gated_units_side_by_side():
    model, x = build("vector"), noise(1, 7, N_IN)
    e = x[0] @ model.embed.weight.T + model.embed.bias  # (T, H)
    n = normed(e, model.norm)  # (T, H)
    f, i, o = (n @ model.gate.weight.T + model.gate.bias).sigmoid().split(D * D, 1)  # (T, D²) each
    new = n @ model.qkv.weight.T  # (T, D²)
    held = [sum(i[j] * new[j] * f[j + 1 : t + 1].prod(0) for j in range(t + 1)) for t in range(7)]
    reads = torch.stack([o[t] * held[t] for t in range(7)])  # (T, D²)
    outputs = (e + reads @ model.mix.weight.T) @ model.head.weight.T + model.head.bias
    trace = model(x, watch=True)
    assert_close(trace.outputs[0], outputs, **EXACT)
    assert_close(trace.inside["memory"][0], held[-1], **EXACT)


@pytest.mark.parametrize(("name", "plain"), [("matrix-gated", "matrix"), ("matrix-reading", "matrix-gated")])
def test_a_rule_whose_extra_part_does_nothing_is_the_one_that_it_extends(name, plain):
    model, usual, x = build(name), build(plain), noise(2, 7, N_IN)
    usual.load_state_dict(model.state_dict(), strict=False)
    with torch.no_grad():
        if plain == "matrix":
            model.gate.bias[:] = ALWAYS
        else:
            model.seen[:] = 0
    assert_close(model(x).outputs, usual(x).outputs, **EXACT)


def test_the_delta_rule_replaces_what_an_address_holds_where_a_sum_adds_to_it():
    keys = torch.linalg.qr(noise(D, D)).Q  # (D, D): orthogonal addresses
    old, new = noise(D, D, seed=1), noise(D, D, seed=2)  # a value for each
    ends = {}
    for name in ("matrix", "matrix-delta"):
        model, memory = build(name), torch.zeros(1, D, D, dtype=torch.float64)
        for values in (old, new):
            for k, v in zip(keys, values, strict=True):
                memory = model.write(memory, k[None], v[None], torch.full((1, D), ALWAYS), None)
        ends[name] = memory[0] @ keys.T
    assert_close(ends["matrix-delta"], new.T, **EXACT)
    assert_close(ends["matrix"], (old + new).T, **EXACT)


@pytest.mark.parametrize(("name", "width"), [("vector", D * D), ("matrix-gated", D)])
def test_forget_gates_start_open(name, width):
    bias = build(name).gate.bias
    assert (bias[:width] == 1).all() and bias[width:].abs().max() <= H**-0.5


@pytest.mark.parametrize("name", address.CELLS)
def test_all_memories_have_as_many_numbers_as_the_lstm_has(name):
    lesson = address.lesson(name, 8, 0.01)
    model = lesson.untrained(0)
    assert model.n_hidden == address.SIZE and parameter_count(model) == lesson.budget
    last_read = address.SIZE // SHARE if name == "matrix-reading" else 0
    assert bytes_kept(model, 9) == 4 * (rooms.ROOM + last_read)


def test_keys_and_queries_have_length_one():
    model, seen = build("matrix"), []
    model.write = lambda s, k, v, gate, r: seen.append(k) or s
    model(noise(2, 4, N_IN))
    assert_close(torch.stack(seen).norm(dim=-1), torch.ones(4, 2, dtype=torch.float64), **EXACT)
