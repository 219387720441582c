"""LSTMs with tied, missing and noisy gates, a ReLU network, and what the questions about gates measure on them."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from oracles import global_randomness_untouched, walk
from sevenlenses.lenses.questions import alive, bounded, gates, inorder, vanishing
from sevenlenses.models import create
from sevenlenses.models.base import parameter_count
from sevenlenses.models.recurrence import unroll
from sevenlenses.models.tied import TiedLSTM, blocks, disturbed, spread
from sevenlenses.models.variants import EVERY
from sevenlenses.runtime import generator
from sevenlenses.tasks.flagged import Flagged

N_IN, H, K = 5, 8, 3
EXACT = {"rtol": 1e-10, "atol": 1e-12}  # float64
TIED = ("lstm-coupled", "lstm-equal", "lstm-shared", "lstm-single", "lstm-exposed")
NOISY = ("lstm-noisy", "lstm-shared-noisy")


def build(name: str, seed: int = 0, size: int = H):
    return create(name, N_IN, size, K, generator=generator(seed, "weights")).double()


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed, "noise"), dtype=torch.float64)


def derivatives(run, model, x):
    """What `run(x)` gives, and the gradients of a random projection of it at x and at every parameter."""
    x = x.clone().requires_grad_()
    given = run(x)
    return given, torch.autograd.grad((given * noise(*given.shape, seed=7)).sum(), [x, *model.parameters()])


# Tied gates


def test_with_a_block_for_each_part_it_is_the_lstm():
    model, lstm = TiedLSTM(N_IN, H, K, generator=generator(0, "weights")).double(), build("lstm")
    names = {"weight_ih": "weight_ih_l0", "weight_hh": "weight_hh_l0", "bias_ih": "bias_ih_l0", "bias_hh": "bias_hh_l0"}
    lstm.rnn.load_state_dict({theirs: getattr(model, ours).data for ours, theirs in names.items()})
    lstm.head.load_state_dict(model.head.state_dict())
    x = noise(3, 9, N_IN)
    one, two = (derivatives(lambda x, m=m: m(x).outputs, m, x) for m in (model, lstm))
    assert_close(one[0], two[0], **EXACT)
    for ours, theirs in zip(one[1], two[1], strict=True):
        assert_close(ours, theirs, **EXACT)


@pytest.mark.parametrize("name", [*TIED, "irnn"])
@pytest.mark.parametrize("steps", [1, 9])
def test_fused_equals_written_out(name, steps):
    model, x = build(name), noise(3, steps, N_IN)
    fused = derivatives(lambda x: model(x).outputs, model, x)
    assert_close(fused, derivatives(lambda x: unroll(model, x).outputs, model, x), **EXACT)
    nudge = noise(3, steps, H, seed=2)
    assert_close(model(x, nudge=nudge).outputs, unroll(model, x, nudge).outputs, **EXACT)


def arguments(gate: torch.Tensor) -> torch.Tensor:
    return gate.log() - (1 - gate).log()


HOLDS = {
    "lstm-coupled": lambda at: (at["input"], 1 - at["forget"]),
    "lstm-equal": lambda at: (at["input"], at["forget"]),
    "lstm-shared": lambda at: (torch.stack([at["input"], at["output"]]), torch.stack([at["forget"]] * 2)),
    "lstm-single": lambda at: (at["candidate"], arguments(at["forget"]).tanh()),
    "lstm-exposed": lambda at: (at["output"], torch.ones_like(at["output"])),
}


@pytest.mark.parametrize("name", TIED)
def test_gates_are_tied_as_said_at_the_start_and_after_a_step_of_training(name):
    model, x = build(name), noise(3, 9, N_IN)
    optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
    for _ in range(2):
        at = model(x, watch=True).inside
        assert_close(*HOLDS[name](at), **EXACT)
        if name in ("lstm-coupled", "lstm-equal", "lstm-exposed"):  # the other gates are not tied
            assert (at["output"] - at["forget"]).abs().mean() > 0.01
        optimiser.zero_grad()
        model(x).outputs.square().sum().backward()
        optimiser.step()


def test_without_output_gate_the_state_is_the_cell_bent_by_tanh():
    seen = build("lstm-exposed")(noise(2, 7, N_IN), watch=True)
    assert_close(seen.states.detach(), seen.inside["cell"].tanh(), **EXACT)


@pytest.mark.parametrize(("name", "count"), list(zip(TIED, (3, 3, 2, 1, 3), strict=True)))
def test_blocks_are_counted_and_start_with_forget_bias_one(name, count):
    model = build(name)
    assert len(blocks(model.parts)) == count and len(model.weight_hh) == count * H
    w = model.rnn
    forget = (w.bias_ih_l0 + w.bias_hh_l0)[H : 2 * H]
    assert (forget == 1).all()


def test_rows_are_put_together_with_their_signs():
    rows = torch.tensor([[1.0], [2.0]])
    assert spread(("-f", "f", "g", "1"), rows, held=40.0)[:, 0].tolist() == [-1, 1, 2, 40]
    assert blocks(("-f", "f", "g", "1")) == ["f", "g"]


# Noise on the gates


def looped(model, x: torch.Tensor, arguments_of_gates: torch.Tensor) -> torch.Tensor:
    """h (B, T, H) step by step, with (B, T, 4H) added to the arguments of i, f, g and o."""
    w, (h, c), states = model.rnn, model.start(x), []
    for x_t, extra in zip(x.unbind(1), arguments_of_gates.unbind(1), strict=True):
        rows = x_t @ w.weight_ih_l0.T + w.bias_ih_l0 + h @ w.weight_hh_l0.T + w.bias_hh_l0 + extra
        i, f, g, o = rows.chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        states.append(h)
    return torch.stack(states, 1)


@pytest.mark.parametrize(("name", "of"), [("lstm", "if0o"), ("lstm-shared", "ff0f"), ("lstm-coupled", "-f0o")])
def test_noise_joins_the_arguments_of_the_gates_and_not_the_candidate(name, of):
    model, x = build(name), noise(2, 6, N_IN)
    letters = [one for one in dict.fromkeys(of) if one not in "0-"]
    drawn = 0.7 * torch.randn(2, 6, len(letters) * H, generator=generator(5, "gates")).double()
    part = dict(zip(letters, drawn.chunk(len(letters), -1), strict=True))
    part |= {"0": torch.zeros(2, 6, H, dtype=torch.float64), "-": -part["f"]}
    added = torch.cat([part[one] for one in of], -1)
    assert_close(disturbed(model, x, 0.7, generator(5, "gates")), looped(model, x, added), **EXACT)


@pytest.mark.parametrize("name", NOISY)
def test_noise_comes_anew_at_each_pass_and_from_the_passed_generator_alone(name):
    with global_randomness_untouched():
        one, same = build(name), build(name)
        x = noise(2, 6, N_IN)
        first, second = one(x).outputs, one(x).outputs
        assert not torch.equal(first, second)
        assert torch.equal(first, same(x).outputs) and torch.equal(second, same(x).outputs)
    assert_close(disturbed(one, x, 0.0, generator(0, "gates")), looped(one, x, torch.zeros(2, 6, 4 * H)), **EXACT)


# The ReLU network


def test_relu_network_is_torchs_and_starts_as_the_identity():
    model, x = build("irnn"), noise(3, 9, N_IN)
    oracle = nn.RNN(N_IN, H, nonlinearity="relu", batch_first=True).double()
    oracle.load_state_dict(model.rnn.state_dict())
    assert_close(model(x).states, oracle(x)[0], **EXACT)
    assert torch.equal(model.rnn.weight_hh_l0, torch.eye(H, dtype=torch.float64))
    assert not model.rnn.bias_ih_l0.any() and not model.rnn.bias_hh_l0.any()
    blank = torch.cat([noise(1, 1, N_IN), torch.zeros(1, 30, N_IN, dtype=torch.float64)], 1)
    states = model(blank).states[0]
    assert_close(states[-1], states[0], **EXACT)  # with nothing coming in, it hands on what it has


# What is measured


def test_contrast_is_each_units_own_difference():
    gate = torch.tensor([[[0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]])  # (1, 3, 2): both units change, the mean does not
    there, elsewhere, apart = gates.contrast(gate, torch.tensor([[False, True, False]]))
    assert (there, elsewhere) == (pytest.approx(0.5), pytest.approx(0.5)) and apart == pytest.approx(0.8)


class Reader(nn.Module):
    """Answers with the value at the flagged step ("flag") or with that of the first step ("first")."""

    def __init__(self, by: str, task: Flagged):
        super().__init__()
        self.by, self.task = by, task

    def forward(self, x):
        shown = x[..., : self.task.values]
        kept = (shown * x[..., -2:-1]).sum(1) if self.by == "flag" else shown[:, 0]
        return type("Trace", (), {"outputs": kept[:, None].expand(-1, x.shape[1], -1)})


@pytest.mark.parametrize(("by", "flagged", "other"), [("flag", 1.0, 0.0), ("first", 1 / 23, 1 / 23)])
def test_the_answer_changes_with_what_it_hangs_on(by, flagged, other):
    task = Flagged(24)
    x = task.sample(4000, generator(0, "data")).x
    found = gates.changed(Reader(by, task), task, x, generator(0, "change"))
    assert found == pytest.approx((flagged, other), abs=0.015)


@pytest.mark.parametrize("name", ["lstm", "lstm-shared"])
def test_after_r_rounds_the_first_r_steps_are_exact(name):
    model, x = build(name), noise(2, 7, N_IN)
    off = gates.at_once(model, x, 7)
    assert off[-1] < 1e-12 < off[0] and len(off) == 7
    exact, h = model(x).states.detach(), torch.zeros(2, 7, H, dtype=torch.float64)
    with torch.no_grad():
        for r in range(1, 8):
            inside = model.inside(x, h)
            h = inside["output"] * inside["cell"].tanh()
            assert_close(h[:, :r], exact[:, :r], **EXACT)
            assert r == 7 or (h[:, r:] - exact[:, r:]).abs().max() > 1e-9


@pytest.mark.parametrize("name", gates.COMPARED)
@pytest.mark.parametrize("task", gates.TASKS)
def test_as_many_units_as_the_lstm_has_and_no_more_parameters_than_the_budget(name, task):
    def built(variant: str, matched: str):
        lesson = gates.lesson(variant, task, matched, 0.01)
        made = EVERY[variant].build(
            lesson.task.n_in, lesson.task.n_out, longest=8, generator=generator(0, "weights"), budget=lesson.budget
        )
        assert parameter_count(made) <= gates.BUDGET
        return made.n_hidden

    assert built(name, "size") == built("lstm-forget-1", "parameters") <= built(name, "parameters")


# The probes


def test_the_step_along_the_cells_is_what_autograd_says():
    model, x = build("lstm"), noise(1, 6, N_IN)
    whole, alone = vanishing.cell_steps(model, x)
    w = model.rnn
    seen = {name: value[0] for name, value in model(x, watch=True).inside.items()}
    for t in range(1, 6):

        def step(c_before, t=t):
            h = seen["output"][t - 1] * c_before.tanh()
            rows = x[0, t] @ w.weight_ih_l0.T + w.bias_ih_l0 + h @ w.weight_hh_l0.T + w.bias_hh_l0
            i, f, g, _ = rows.chunk(4, -1)
            return f.sigmoid() * c_before + i.sigmoid() * g.tanh()

        exact = torch.autograd.functional.jacobian(step, seen["cell"][t - 1])
        assert_close(whole[t - 1].detach(), exact.detach(), **EXACT)
        assert_close(torch.diagonal(alone[t - 1]), seen["forget"][t], **EXACT)


def test_without_tanh_an_orthogonal_matrix_keeps_every_signal():
    found = vanishing.VANISHING.measure(device="cpu", recurrence="orthogonal", seeds=(0,))
    straight = vanishing.PATHS.index("rnn-straight")
    assert found.factors[0, straight] == pytest.approx(1, abs=1e-5) and found.signal[0, straight] == pytest.approx(
        1, abs=1e-3
    )
    assert (found.factors[0, vanishing.PATHS.index("rnn")] <= 1 + 1e-5).all()  # tanh shrinks, and never stretches


@pytest.mark.parametrize("recurrence", [0.0, 1.0])
def test_the_derivative_at_held_gates_is_autograds_and_the_formula_is_exact_without_h(recurrence):
    found = alive.ALIVE.measure(device="cpu", gate=0.9, recurrence=recurrence, seeds=(0,))
    model = alive.held(0.9, recurrence, 0)
    x = torch.randn(alive.BATCH, alive.LENGTH, alive.N_IN, generator=generator(0, "inputs"), dtype=torch.float64)
    outputs, kept = walk(model, x)
    outputs[:, -1].sum().backward()
    exact = torch.stack([c.grad.square().mean().sqrt() for _, c in reversed(kept)])
    assert found.exact[0] == pytest.approx(exact.numpy(), rel=1e-8)
    if recurrence == 0:
        assert found.off.max() < 1e-10 and found.whole == pytest.approx(found.exact, rel=1e-8)
        assert found.bare[0] == pytest.approx(0.9 ** np.arange(alive.LENGTH))


def test_a_held_cell_grows_as_a_sum_of_powers_and_is_shown_up_to_one():
    found = bounded.BOUNDED.measure(device="cpu", gate=0.9)
    t = np.arange(1, bounded.STEPS + 1)
    assert found.cell[0] == pytest.approx(np.tanh(1) * (1 - 0.9**t) / 0.1, rel=1e-9)
    assert found.shown[0] == pytest.approx(np.tanh(found.cell[0]), rel=1e-9) and found.shown.max() < 1
    assert found.slope[0] == pytest.approx(1 - np.tanh(found.cell[0]) ** 2, rel=1e-6)


def test_from_the_blind_step_on_float32_shows_one():
    found = bounded.BOUNDED.measure(device="cpu", gate=0.999)
    shown = torch.tensor(found.cell[0], dtype=torch.float32).double().tanh().float()
    since = bounded.blind(found)
    assert (shown[since - 1 :] == 1).all() and shown[since - 2] < 1
    assert bounded.blind(bounded.BOUNDED.measure(device="cpu", gate=0.5)) is None


def test_multiplications_are_those_of_the_formula():
    steps, size = inorder.LENGTHS[-1], inorder.SIZE
    found = inorder.INORDER.measure(device="cpu", width=8, seeds=(0,))
    assert found.products[0].tolist() == [4 * size * 8 * steps, 4 * size * size * steps, size * inorder.OUT * steps]
    inputs, chain, head = found.rows[0]
    assert np.ptp(inputs) == np.ptp(head) == 0  # whatever the length
    assert np.ptp(np.diff(chain) / np.diff(inorder.LENGTHS)) == 0  # as many for each step


def test_the_rounds_are_those_after_which_every_state_is_close():
    found = inorder.INORDER.measure(device="cpu", seeds=(0,))
    assert (found.rounds <= np.array(inorder.LENGTHS)).all() and found.rounds.min() > 2
    shorter, longer = (found.rounds[0, inorder.STARTS.index(one), -1] for one in ("forget-0", "forget-3"))
    assert longer > 2 * shorter  # what is kept longer takes longer to be told
