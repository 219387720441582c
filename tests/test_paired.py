"""The benchmark's ratios: right when they are told, and not told when other work drowns them."""

import random
import time

import pytest

from paired import Ratio, ratio


class Machine:
    """A clock, and work that takes the time that it is given, times what the machine's other work makes of it."""

    def __init__(self, slowness):
        self.now, self.slowness = 0.0, slowness

    def work(self, seconds: float):
        def run() -> None:
            self.now += seconds * self.slowness()

        return run

    def ratio(self, first: float, second: float) -> Ratio:
        return ratio(self.work(first), self.work(second), pairs=25, clock=lambda: self.now)


def test_a_quiet_machine_gives_the_ratio():
    found = Machine(lambda: 1.0).ratio(3.0, 2.0)
    assert (found.median, found.low, found.high) == pytest.approx((1.5, 1.5, 1.5))
    assert str(found) == "1.50 (1.50–1.50)"


def test_load_that_comes_and_stays_changes_nothing():
    """The kind that gave ratios of 0.02 and 105 when one side was timed after the other."""
    machine = Machine(lambda: 50.0 if machine.now > 70 else 1.0)
    assert str(machine.ratio(3.0, 2.0)).startswith("1.50 (")


def test_single_hiccups_change_nothing():
    slow = iter(range(10**6))
    assert str(Machine(lambda: 40.0 if next(slow) % 23 == 0 else 1.0).ratio(3.0, 2.0)).startswith("1.50 (")


@pytest.mark.parametrize("seed", range(10))
def test_no_ratio_is_told_when_noise_is_wider_than_it(seed):
    rng = random.Random(seed)
    found = Machine(lambda: rng.choice([1.0, 100.0])).ratio(3.0, 2.0)
    assert str(found) == "too noisy"


def test_real_work_of_five_times_the_size_takes_five_times_as_long():
    """On this process's own clock, which other work does not turn."""
    found = ratio(lambda: sum(range(50_000)), lambda: sum(range(10_000)), pairs=51, clock=time.process_time)
    assert str(found) != "too noisy" and 3 < found.median < 8
