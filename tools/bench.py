"""Measure what people feel, as ratios of work done in turn where speed is concerned: `make bench`."""

import argparse
import gzip
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import torch
from nbclient import NotebookClient
from playwright.sync_api import sync_playwright

from browser import find_browser, flags
from make_book import ROOT, make_book
from paired import ratio
from sevenlenses.explorer import parts
from sevenlenses.lenses import LENSES
from sevenlenses.lenses.access import READS_RUN
from sevenlenses.lenses.capacity import RECALL
from sevenlenses.lenses.credit import LEARNING
from sevenlenses.lenses.gradient import FLOW, LATCH
from sevenlenses.lenses.gradient.flow import sizes
from sevenlenses.lenses.locality import MOMENTS_RUN
from sevenlenses.lenses.scaling import TIME
from sevenlenses.lenses.structure import RELATION
from sevenlenses.lenses.synthesis import RUNGS
from sevenlenses.models.base import state_gradients
from sevenlenses.models.lstm import LSTM
from sevenlenses.models.recurrence import unroll
from sevenlenses.playground.live import Live
from sevenlenses.playground.page import VIEWS, frame_html
from sevenlenses.runtime import generator, one_thread

CHAPTERS = tuple(LENSES)


def say(what: str, value: object, aim: str = "") -> None:
    print(f"{what:70s} {value!s:>20s}   {aim}", flush=True)


@one_thread()
def lstm_ratios() -> None:
    """What it costs to see inside the fused LSTM, against the fused LSTM; d = 64, on one thread, as probes run."""
    for batch, length in itertools.product((1, 32), (128, 512, 2048)):
        model = LSTM(64, 64, 1, generator=generator(0, "weights"))
        x = torch.randn(batch, length, 64, generator=generator(0, "inputs"))
        fused, where = partial(backward, model, x), f"one thread, batch {batch}, T = {length}"
        against = partial(ratio, pairs=25 if batch == 1 else 9)
        with torch.no_grad():
            watched = against(lambda m=model, x=x: m(x, watch=True), lambda m=model, x=x: m.rnn(x))
        say(f"gate trace / fused forward, {where}", watched, "aim 1.5" if batch == 1 else "aim 3")
        probed = against(partial(state_gradients, model, x, last), fused)
        say(f"per-step gradients / fused both ways, {where}", probed, "aim 1.5" if batch == 1 else "")
        if batch == 1:
            loop = ratio(lambda m=model, x=x: last(unroll(m, x).outputs).backward(), fused, pairs=5, warm_up=1)
            say(f"written-out loop / fused both ways, {where}", loop)


def last(outputs: torch.Tensor) -> torch.Tensor:
    return outputs[:, -1].sum()


def backward(model: LSTM, x: torch.Tensor) -> None:
    last(model(x.detach().requires_grad_()).outputs).backward()


def slider() -> None:
    """From a value to a picture in a notebook, over random values; and the experiment alone."""
    rng = np.random.default_rng(0)
    whole, alone = [], []
    for _ in range(60):
        knobs = {name: knob.stops[rng.integers(len(knob.stops))] for name, knob in FLOW.knobs.items()}
        knobs["length"] = min(knobs["length"], FLOW.knobs["length"].default)
        sizes.cache_clear()
        start = time.perf_counter()
        result = FLOW.measure(seeds=(0,), **knobs)
        alone.append(time.perf_counter() - start)
        parts.drawn(FLOW, result).svg()
        whole.append(time.perf_counter() - start)
    say(
        "probe slider to picture, 95th percentile, T up to 128",
        f"{1e3 * np.percentile(whole, 95):.0f} ms",
        "aim 100 ms",
    )
    say("  of which the experiment, 95th percentile", f"{1e3 * np.percentile(alone, 95):.0f} ms")


def training() -> None:
    """The default training run of each lens."""
    start = time.perf_counter()
    next(LATCH.stream(seeds=(100,)))
    say("a process's first training step (the explorer takes one at rest)", f"{time.perf_counter() - start:.2f} s")
    for experiment in (LATCH, RECALL, MOMENTS_RUN, LEARNING, RELATION, READS_RUN, TIME, RUNGS):
        start = time.perf_counter()
        stream = experiment.stream(seeds=(100,))
        next(stream)
        say(f"{experiment.name}: first progress", f"{time.perf_counter() - start:.2f} s", "aim 0.5 s")
        for _ in stream:
            pass
        say(f"{experiment.name}: whole run", f"{time.perf_counter() - start:.1f} s", "aim 10 s")


def pages() -> None:
    """The built chapters in a real browser, from files."""
    book = make_book() / "book"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=flags())
        for chapter in CHAPTERS:
            loaded: set[Path] = set()
            page = chromium.new_page()
            page.on("request", lambda asked, all=loaded: all.add(Path(asked.url.removeprefix("file://").split("?")[0])))
            page.goto((book / f"{chapter}.html").as_uri())
            page.wait_for_load_state("networkidle")
            page.evaluate("document.fonts.ready")
            swap, frame = page.evaluate(SWAP)
            page.close()
            own = [path for path in loaded if path.stem in (chapter, "explorer", "course")]
            beside = f"aim one display frame; nothing to paint: {frame:.0f} ms"
            say(f"{chapter}: page swap, input to paint, median", f"{swap:.0f} ms", beside)
            say(f"{chapter}: our own bytes, compressed", f"{compressed(own) / 1e3:.0f} kB", "aim 400 kB")
            say(f"{chapter}: with theme, compressed", f"{compressed(loaded) / 1e3:.0f} kB", "aim 1000 kB")
        chromium.close()


def compressed(paths) -> int:
    """Sum of gzipped sizes; fonts are compressed already."""
    packed = (".woff", ".woff2", ".png", ".jpg")
    files = [path for path in set(paths) if path.is_file()]
    return sum(p.stat().st_size if p.suffix in packed else len(gzip.compress(p.read_bytes())) for p in files)


# Waits from just after a frame to just after the next paint, with and without a change of the picture.
SWAP = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const painted = async () => {
    await frame();
    const channel = new MessageChannel();
    await new Promise((done) => { channel.port1.onmessage = done; channel.port2.postMessage(0); });
  };
  const control = document.querySelector(".sl-explorer input[type=range]");
  control.scrollIntoView();
  const wait = async (change) => {
    const waits = [];
    for (let i = 0; i < 60; i++) {
      await painted();
      const start = performance.now();
      if (change) {
        control.value = i % (Number(control.max) + 1);
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }
      await painted();
      waits.push(performance.now() - start);
    }
    return waits.sort((a, b) => a - b)[30];
  };
  return [await wait(true), await wait(false)];
}"""


def playground() -> None:
    """A move in the playground, with every weight at hand; and the run that its notebook trains by default."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder) / "frame.html"
        place.write_text(frame_html(), encoding="utf-8")
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=flags())
        page = chromium.new_page()
        page.goto(place.as_uri())
        page.locator(".pg-seeds").scroll_into_view_if_needed()  # from now on every seed is read
        for view, control, words in itertools.product(VIEWS, ("step", "at", "text"), (33, 61)):
            (move, worst), (frame, _) = page.evaluate(MOVE, [view, control, words])
            beside = f"worst {worst:.0f} ms; aim one display frame; nothing to paint: {frame:.0f} ms"
            say(f"playground, {words} words, {view}, {control}: move to paint, median", f"{move:.0f} ms", beside)
        chromium.close()
    live = Live()
    start = time.perf_counter()
    live.run.click()
    say("playground: three networks trained, default run", f"{time.perf_counter() - start:.1f} s", "aim 10 s")


MOVE = """async ([view, name, length]) => {
  const root = document.querySelector(".pg"), words = root.querySelector("[data-set=length]");
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const painted = async () => {
    await frame();
    const channel = new MessageChannel();
    await new Promise((done) => { channel.port1.onmessage = done; channel.port2.postMessage(0); });
  };
  const turn = (control, value) => {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  };
  root.querySelector(`[value=${view}]`).click();
  turn(words, length);
  await painted();
  const control = root.querySelector(`[data-set=${name}]`), text = control.value;
  turn(root.querySelector("[data-set=at]"), length);
  const span = Number(control.max) - Number(control.min) + 1;
  const next = (i) => (name === "text" ? `${text} ${i}` : Number(control.min) + ((7 * i + 3) % span));
  const wait = async (change) => {
    const waits = [];
    for (let i = 0; i < 60; i++) {
      await painted();
      const start = performance.now();
      if (change) turn(control, next(i));
      await painted();
      waits.push(performance.now() - start);
    }
    waits.sort((a, b) => a - b);
    return [waits[30], waits[59]];
  };
  return [await wait(true), await wait(false)];
}"""


def build() -> None:
    """The book built from nothing, and again with nothing changed."""
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    for how in ("cold", "warm"):
        start = time.perf_counter()
        make_book()
        say(f"build, {how}", f"{time.perf_counter() - start:.1f} s")


def memory() -> None:
    """Peak memory and time of each chapter's kernel, live face, top to bottom."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, ROOT / "tools/notebooks.py", "--out", folder], check=True, capture_output=True)
        chapters = (*CHAPTERS, "playground")
        notebooks = {name: nbformat.read(Path(folder) / f"{name}.ipynb", as_version=4) for name in chapters}
    for name, notebook in notebooks.items():
        notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
        start = time.perf_counter()
        NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
        say(f"{name}: notebook, top to bottom", f"{time.perf_counter() - start:.0f} s", "aim 120 s")
        say(f"{name}: peak memory of the kernel", f"{int(notebook.cells[-1].outputs[0].text)} MB", "aim 600 MB")


# Linux's own count of this program alone: getrusage would count this script too, which started it.
PEAK = """import re
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)"""


PARTS = {
    "lstm": lstm_ratios,
    "slider": slider,
    "training": training,
    "build": build,
    "pages": pages,
    "playground": playground,
    "memory": memory,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all by default")
    chosen = parser.parse_args().parts or PARTS
    if hasattr(os, "getloadavg") and (load := os.getloadavg()[0]) > 1:
        say("other work at the start, processes", f"{load:.1f}", "seconds and milliseconds below are a busy machine's")
    for name in chosen:
        PARTS[name]()
