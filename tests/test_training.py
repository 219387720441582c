"""The training loop: against one written out here, step by step, to the end; and the headline, small and honest."""

import statistics
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import pytest
import torch
from torch.testing import assert_close

from oracles import global_randomness_untouched
from sevenlenses.lenses.gradient.latch import LATCH
from sevenlenses.models import create
from sevenlenses.models.variants import VARIANTS
from sevenlenses.runtime import generator
from sevenlenses.tasks.latch import Latch
from sevenlenses.training import SMOOTHING, Fit, Progress, evaluate, fit

CPU = torch.device("cpu")
TASK = Latch(length=6)


def model_for(task: Latch = TASK, name: str = "attention", seed: int = 0):
    return create(name, task.n_in, 16, task.n_out, generator=generator(seed, "weights"))


def training(model, plan: Fit, seed: int = 0):
    return fit(model, TASK, plan, generator=generator(seed, "data"), device=CPU)


def trained(plan: Fit, seed: int = 0) -> list[Progress]:
    return list(training(model_for(seed=seed), plan, seed))


# The loop


@pytest.mark.parametrize("clip", [0.05, 100.0])
def test_a_step_is_adam_on_fresh_clipped_gradients(clip):
    class Precise(Latch):
        def sample(self, batch, generator):
            return replace(one := super().sample(batch, generator), x=one.x.double())

    task, data = Precise(length=6), generator(0, "data")
    model, oracle = model_for().double(), model_for().double()
    weights = list(oracle.parameters())
    first, second = ([torch.zeros_like(w) for w in weights] for _ in range(2))  # Adam's moments
    plan = Fit(steps=4, batch=32, learning_rate=0.01, clip=clip)
    for step, now in enumerate(fit(model, task, plan, generator=generator(0, "data"), device=CPU), 1):
        batch = task.sample(32, data)
        outputs = oracle(batch.x).outputs
        loss = task.loss(outputs, batch)
        assert (now.step, now.score) == (step, task.score(outputs, batch))
        assert now.loss == pytest.approx(loss.item(), rel=1e-9)
        gradients = torch.autograd.grad(loss, weights)
        norm = sum(g.square().sum() for g in gradients).sqrt()
        with torch.no_grad():
            for w, g, m, v in zip(weights, gradients, first, second, strict=True):
                g = g * min(1.0, clip / norm)
                m.lerp_(g, 0.1)
                v.lerp_(g**2, 0.01)
                w -= 0.01 * (m / (1 - 0.9**step)) / ((v / (1 - 0.99**step)).sqrt() + 1e-8)
        assert_close(list(model.parameters()), weights, rtol=1e-6, atol=1e-8)


def test_progress_counts_every_step_and_smooths_the_score_from_chance():
    steps = trained(Fit(steps=7))
    assert [now.step for now in steps] == list(range(1, 8))
    assert [now.done for now in steps] == [False] * 6 + [True]
    running = TASK.chance
    for now in steps:
        running = SMOOTHING * running + (1 - SMOOTHING) * now.score
        assert now.running == pytest.approx(running)


def test_training_stops_early_on_its_target():
    *before, end = trained(Fit(steps=400, target=0.5))
    assert end.done and end.running >= 0.5 and end.step < 400
    assert not any(now.done or now.running >= 0.5 for now in before)


def test_a_run_can_be_abandoned_and_its_model_used():
    model, start = model_for(), model_for()
    growing = training(model, Fit(steps=400))
    *_, now = islice(growing, 30)
    growing.close()
    assert now.step == 30 and not now.done and next(growing, None) is None
    fresh = generator(0, "fresh")
    better = evaluate(model, TASK, batch=500, generator=fresh, device=CPU)
    assert better > evaluate(start, TASK, batch=500, generator=fresh, device=CPU) + 0.1
    assert next(training(model, Fit(steps=1))).done  # and trained on


def test_nothing_is_computed_before_it_is_asked_for():
    model = model_for()
    training(model, Fit())
    assert_close(model.state_dict(), model_for().state_dict(), rtol=0, atol=0)


def test_a_seed_gives_its_numbers_again_and_another_seed_others():
    with global_randomness_untouched():
        first, again = trained(Fit(steps=20)), trained(Fit(steps=20))
    assert first == again
    assert first != trained(Fit(steps=20), seed=1)


def test_steps_take_one_thread_and_the_caller_has_its_own_again():
    class Watching(Latch):
        def sample(self, batch, generator):
            inside.append(torch.get_num_threads())
            return super().sample(batch, generator)

    before, inside = torch.get_num_threads(), []
    torch.set_num_threads(3)
    try:
        growing = fit(model_for(), Watching(6), Fit(steps=2), generator=generator(0, "data"), device=CPU)
        assert [torch.get_num_threads() for _ in growing] == [3, 3] and inside == [1, 1]
    finally:
        torch.set_num_threads(before)


def test_evaluation_scores_fresh_data_and_leaves_the_model_alone():
    class Watching(Latch):
        def score(self, outputs, batch):
            assert not outputs.requires_grad
            return super().score(outputs, batch)

    model = model_for()
    score = evaluate(model, Watching(6), batch=300, generator=generator(3, "fresh"), device=CPU)
    batch = TASK.sample(300, generator(3, "fresh"))
    assert score == TASK.score(model(batch.x).outputs, batch)
    assert_close(model.state_dict(), model_for().state_dict(), rtol=0, atol=0)


# What is refused


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["steps", "batch", "learning_rate", "clip"])
def test_a_plan_refuses_nonsense(name, bad):
    with pytest.raises(ValueError, match=f"^{name} must be above 0; got {bad!r}"):
        Fit(**{name: bad})


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_training_with_the_remedy(loss):
    class Broken(Latch):
        def loss(self, outputs, batch):
            return super().loss(outputs, batch) * (loss if next(count) == 2 else 1.0)

    count = iter(range(99))
    growing = fit(model_for(), Broken(length=6), Fit(learning_rate=0.02), generator=generator(0, "data"), device=CPU)
    assert [next(growing).step, next(growing).step] == [1, 2]
    with pytest.raises(FloatingPointError, match=rf"loss became {loss} at step 3; try a learning rate below 0\.02\."):
        next(growing)


# The headline: each model as the lens trains it, on a budget that fits into a test


LENGTH, BUDGET = 48, 250
RATES = {"rnn": 0.003, "lstm-forget-1": 0.003, "lstm-chrono": 0.01, "attention": 0.003}


@lru_cache
def learned(variant: str, length: int, steps: int, seed: int) -> float:
    """Accuracy on fresh sequences after training."""
    task = Latch(length=length)
    model = VARIANTS[variant].build(task.n_in, task.n_out, longest=length, generator=generator(seed, "weights"))
    plan = Fit(steps=steps, learning_rate=RATES[variant])
    for _ in fit(model, task, plan, generator=generator(seed, "data"), device=CPU):
        pass
    return evaluate(model, task, batch=512, generator=generator(seed, "fresh"), device=CPU)


def middle(variant: str, length: int = LENGTH, steps: int = BUDGET) -> float:
    """The median of three seeds: now and then an RNN is lucky."""
    return statistics.median(learned(variant, length, steps, seed) for seed in (0, 1, 20))


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["attention", "lstm-chrono"])
def test_direct_paths_and_chrono_gates_learn_to_remember(variant):
    assert middle(variant) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["rnn", "lstm-forget-1"])
def test_an_rnn_and_an_lstm_as_they_usually_start_do_not(variant):
    assert middle(variant) < 0.35  # chance is 0.125


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["rnn", "lstm-forget-1"])
def test_over_a_short_span_they_do(variant):
    assert middle(variant, length=16, steps=400) > 0.9


@pytest.mark.parametrize("variant", VARIANTS)
def test_learning_curves_start_at_chance(variant):
    growing = LATCH.stream(variant=variant, length=16, seeds=(30,), device="cpu")
    first = next(growing)
    assert first.step.tolist() == [[1.0]] and 0 < first.progress < 0.01
    assert first.score[0, 0] == pytest.approx(Latch().chance, abs=0.03)
    assert first.loss[0, 0] == pytest.approx(torch.tensor(8.0).log().item(), abs=0.5)
