"""Generators that share nothing, threads that are given back, timings that count what they say."""

import platform
import time

import pytest
import torch

from oracles import global_randomness_untouched
from sevenlenses import runtime
from sevenlenses.runtime import generator, one_thread, pick_device, setup, synchronise, time_it

CPU = torch.device("cpu")


def test_streams_differ_by_seed_and_by_purpose_and_come_again():
    def drawn(seed, purpose):
        return tuple(torch.randint(2**40, (4,), generator=generator(seed, purpose)).tolist())

    with global_randomness_untouched():
        streams = [drawn(seed, purpose) for seed in range(50) for purpose in ("weights", "data", "inputs")]
    assert len(set(streams)) == len(streams)
    assert drawn(0, "weights") == streams[0]


def test_one_thread_gives_the_others_back_also_after_an_error():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(ZeroDivisionError), one_thread():
            assert torch.get_num_threads() == 1
            raise ZeroDivisionError
        assert torch.get_num_threads() == 2
        assert one_thread()(torch.get_num_threads)() == 1
    finally:
        torch.set_num_threads(before)


def test_a_timing_is_the_median_after_the_warm_up(monkeypatch):
    durations = iter([99.0, 99.0, 4.0, 1.0, 2.0])  # two to warm up
    clock = [0.0]
    waits = []

    def work():
        clock[0] += next(durations)

    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(runtime, "synchronise", waits.append)
    assert time_it(work, device=CPU, repeats=3, warm_up=2) == runtime.Timing(median=2.0, low=1.0, high=4.0)
    assert waits == [CPU] * 6  # before and after each


def test_waiting_asks_the_device_that_computes(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: asked.append(device.type))
    monkeypatch.setattr(torch.mps, "synchronize", lambda: asked.append("mps"))
    for name in ("cpu", "cuda", "mps"):
        synchronise(torch.device(name))
    assert asked == ["cuda", "mps"]


def test_a_caption_names_device_versions_and_seconds():
    made = {"device": "CPU", "torch": torch.__version__, "python": platform.python_version(), "seconds": 1.235}
    assert setup(pick_device("cpu"), 1.23456) == made
