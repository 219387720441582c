"""Moves of a live explorer, and the bounds of an exercise's answer: what a reader does must have the effect it says."""

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sevenlenses import check, explore
from sevenlenses.explorer.turns import PAUSE, Redraws
from sevenlenses.lenses import EXPERIMENTS


def test_of_many_moves_only_the_last_is_computed():
    probe, asked = EXPERIMENTS["gradient-decay"], []

    def run(*, seeds, device, **knobs):
        asked.append((knobs["steps"], len(seeds)))
        return probe.run(seeds=seeds, device=device, **knobs)

    async def moves() -> list:
        live = explore(replace(probe, run=run, seeds=(0, 1, 2))).live
        for steps in (100, 50, 200):
            live.controls["steps"].value = steps
        asked.clear()
        await asyncio.sleep(PAUSE)
        await live.turns.task
        return live.controls["steps"].value

    with ThreadPoolExecutor() as aside:  # Playwright's loop may run in this thread
        last = aside.submit(asyncio.run, moves()).result()
    assert asked == [(last, 1), (last, 2), (last, 3)]


@pytest.mark.parametrize(("off", "right"), [(0, True), (0.9, True), (-0.9, True), (1.1, False), (-1.1, False)])
def test_a_half_life_is_right_within_one_step(off, right):
    exact = math.log(0.5) / math.log(0.997)
    assert ("✓" in repr(check("half-life", exact + off))) == right


@pytest.mark.parametrize("cost", [0.01, 0.5, 2.0])
def test_pictures_of_a_run_take_a_fifth_of_its_time_at_most(cost, monkeypatch):
    clock, drawn = [0.0], []
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    redraws = Redraws()
    while clock[0] < 100:
        clock[0] += 0.02  # a step of training
        if redraws.due():
            with redraws.drawing():
                clock[0] += cost
            drawn.append(cost)
    assert len(drawn) > 5 and sum(drawn) < clock[0] / 5
