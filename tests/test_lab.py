"""The notebook's face of every explorer: a real JupyterLab with a real kernel, driven by a real browser."""

import asyncio
import dataclasses
import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import nbformat
import pytest
import torch
from playwright.sync_api import expect

from pages import EXPLORERS, KERNEL, round_trip
from sevenlenses import records
from sevenlenses.explorer import parts
from sevenlenses.explorer.live import OWN_SEED, Live, control
from sevenlenses.lenses import LENSES, gradient

# The gradient chapter is run whole: it has all kinds of explorers. Under Colab's packages all are (test_launch).
WHOLE = EXPLORERS["book/gradient"]
RUNS = {  # one explorer of each of the other lenses, to train live
    "capacity": "RECALL",
    "locality": "MOMENTS_RUN",
    "credit": "LEARNING",
    "structure": "RELATION",
    "access": "READS_RUN",
    "scaling": "DECODE",
    "synthesis": "RUNGS",
}
ABSENT = "mps" if torch.cuda.is_available() else "cuda"  # a device that this machine lacks
expect.set_options(timeout=60_000)  # a run takes seconds, and machines differ


@pytest.fixture(scope="module")
def opened(browser, jupyterlab):
    """A function: a notebook in JupyterLab, every cell run once."""
    tabs = {}

    def open_notebook(name: str, last: str = ".sl-verdict:has-text('✓') >> nth=-1"):
        if name not in tabs:
            tab = tabs[name] = browser.new_page(viewport={"width": 1280, "height": 1200})
            tab.set_default_timeout(60_000)
            tab.goto(jupyterlab.replace("/lab?", f"/lab/tree/{name}.ipynb?") + "&reset")
            tab.wait_for_selector(".jp-Notebook")
            tab.wait_for_function("window.jupyterapp")
            tab.evaluate(f"() => {KERNEL}.ready")
            tab.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
            tab.wait_for_selector(last, timeout=120_000)
        return tabs[name]

    yield open_notebook
    for tab in tabs.values():
        tab.close()


@pytest.fixture(scope="module")
def runs(opened, jupyterlab):
    """A notebook of an explorer of each lens, a cell each."""
    cells = [f"from sevenlenses import explore\nfrom sevenlenses.lenses import {', '.join(RUNS)}"]
    cells += [f"explore({lens}.{name})" for lens, name in RUNS.items()]
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},  # else JupyterLab asks which
    )
    asked = urllib.request.Request(
        jupyterlab.replace("/lab?", "/api/contents/runs.ipynb?"),
        json.dumps({"type": "notebook", "content": written}).encode(),
        method="PUT",
    )
    urllib.request.urlopen(asked, timeout=60).close()
    return opened("runs", f".widget-vbox .sl-picture >> nth={len(RUNS) - 1}")


@pytest.fixture
def notebook(opened):
    """The gradient chapter."""
    return opened("gradient")


class InLab:
    """One explorer in a notebook: that of a chapter, unless a place is given."""

    def __init__(self, tab, name: str, lens: str = "gradient", place: int | None = None):
        homes = [import_module(f"sevenlenses.lenses.{one}") for one in (lens, *LENSES)]  # a chapter may borrow
        self.tab, self.experiment = tab, next(getattr(home, name) for home in homes if hasattr(home, name))
        at = EXPLORERS[f"book/{lens}"].index(name) if place is None else place
        self.root = tab.locator(".jp-OutputArea-output .widget-vbox").nth(at)
        self.picture, self.said, self.sources, self.alert = (
            self.root.locator(part) for part in (".sl-picture", ".sl-said", ".sl-source", "[role=alert]")
        )
        self.run, self.cancel = (self.root.get_by_role("button", name=word) for word in ("Run", "Cancel"))
        self.status = self.root.locator(".widget-hprogress + * .widget-html-content")

    def choose(self, label: str, option: str) -> None:
        self.root.get_by_label(label).select_option(option)
        round_trip(self.tab)  # a click could overtake the choice: ipywidgets holds values back while the kernel is busy

    def press(self, knob: str, keys: list[str]):
        """Arrow keys on a slider, one right after the other; returns the value that they lead to."""
        slider = self.root.locator(".widget-hslider", has_text=self.experiment.knobs[knob].label)
        options = control(self.experiment.knobs[knob]).options
        said = [words for words, _ in options]
        start = said.index(slider.locator(".widget-readout").inner_text())
        for key in keys:
            slider.locator(".noUi-handle").press(key)
        there = start + keys.count("ArrowRight") - keys.count("ArrowLeft")
        expect(slider.locator(".widget-readout")).to_have_text(said[there])
        return options[there][1]

    def wait_until_says(self, **knobs) -> None:
        """The description, and the picture's name, become those of a measurement made here."""
        words = " ".join(parts.spoken(self.experiment, self.experiment.measure(**knobs)).split())
        expect(self.said).to_have_text(words)
        expect(self.root.get_by_role("img", name=words, exact=True)).to_have_count(1)

    def bar(self) -> float:
        return float(self.root.locator(".progress-bar").evaluate("(bar) => parseFloat(bar.style.width)")) / 100


def test_every_cell_runs_and_shows_its_explorer(notebook):
    expect(notebook.locator(".jp-OutputArea-output .widget-vbox")).to_have_count(len(WHOLE))
    assert notebook.locator(".jp-OutputArea .sl-picture svg").count() >= len(WHOLE)
    assert notebook.locator("[data-mime-type='application/vnd.jupyter.error'], [data-mime-type$=stderr]").count() == 0


@pytest.mark.parametrize(("lens", "name"), [*(("gradient", name) for name in WHOLE), *RUNS.items()])
def test_every_control_changes_what_is_shown(notebook, runs, lens, name):
    tab, place = (notebook, None) if lens == "gradient" else (runs, list(RUNS).index(lens))
    explorer = InLab(tab, name, lens, place)
    content = explorer.root.locator("> .widget-html .widget-html-content").last.element_handle()
    source = r"(Recorded|Live, on your kernel): (seed \d|\d+ seeds)|Nothing is recorded"
    settled = f"([one, before]) => one.innerHTML !== before && /{source}/.test(one.textContent)"

    def changes(turn) -> None:
        tab.wait_for_function(settled, arg=[content, ""], polling=50)
        before = content.inner_html()
        turn()
        tab.wait_for_function(settled, arg=[content, before], polling=50)

    for slider in explorer.root.locator(".noUi-handle").all():
        keys = ["ArrowLeft", "ArrowRight"]
        for key in keys if slider.get_attribute("aria-valuenow") != "0.0" else keys[::-1]:
            changes(lambda one=slider, key=key: one.press(key))
    for menu in explorer.root.locator(".widget-dropdown:not(:has-text('Device')) select").all():
        start, values = menu.input_value(), menu.locator("option").evaluate_all("(all) => all.map((one) => one.value)")
        for value in ([value for value in values if value != start] + [start])[-2 if len(values) > 1 else 1 :]:
            changes(lambda one=menu, value=value: one.select_option(value))


def test_a_probe_runs_in_the_kernel_where_no_page_has_a_picture(notebook):
    explorer = InLab(notebook, "SINGULAR")
    before = explorer.picture.inner_html()
    words = explorer.press("words", ["ArrowRight"])
    assert words not in explorer.experiment.knobs["words"].stops
    explorer.wait_until_says(words=words)
    assert explorer.picture.inner_html() != before
    expect(explorer.sources).to_have_text([re.compile(r"^Live, on your kernel: 5 seeds .* · torch .* s$")])


def test_of_several_quick_moves_the_last_wins(notebook):
    explorer = InLab(notebook, "FLOW")
    length = explorer.press("length", ["ArrowLeft", "ArrowRight", *["ArrowLeft"] * 5])
    explorer.wait_until_says(length=length)
    round_trip(notebook)
    explorer.wait_until_says(length=length)


@pytest.mark.slow
def test_what_is_no_longer_asked_is_not_computed():
    computed = []

    def run(**knobs):
        computed.append(knobs["words"])
        return gradient.SINGULAR.run(**knobs)

    async def drag() -> list:
        live = Live(dataclasses.replace(gradient.SINGULAR, run=run), ["words"])
        values = [value for _, value in live.controls["words"].options]
        for value in values:
            live.controls["words"].value = value
        await live.turns.task
        return values

    with ThreadPoolExecutor() as thread:  # Playwright's own loop runs in this one
        values = thread.submit(asyncio.run, drag()).result()
    assert set(computed) == {gradient.SINGULAR.knobs["words"].default, values[-1]}


def test_a_run_shows_progress_can_be_cancelled_and_is_drawn_over_the_recording(notebook):
    explorer = InLab(notebook, "LATCH")
    curves = {layer: explorer.picture.locator(f"g[data-layer={layer}] path") for layer in ("runs", "own")}
    recorded = records.load(explorer.experiment, explorer.experiment.settings())
    expect(explorer.sources).to_have_text([parts.source_line(recorded, live=False)])
    assert curves["own"].count() == 0

    explorer.run.click()
    expect(explorer.cancel).to_be_enabled()
    expect(explorer.run).to_be_disabled()
    expect(explorer.status).to_have_text(re.compile(r"^\d+\.\d s$"))
    assert 0 < explorer.bar() < 1
    explorer.cancel.click()
    expect(explorer.status).to_contain_text("Cancelled")
    expect(explorer.run).to_be_enabled()
    expect(explorer.cancel).to_be_disabled()
    stopped = explorer.bar()
    round_trip(notebook)
    assert explorer.bar() == stopped < 1

    explorer.run.click()
    expect(explorer.status).to_have_text(re.compile(r"^finished in \d+\.\d s$"))
    expect(explorer.run).to_be_enabled()
    assert explorer.bar() == 1
    assert curves["own"].count() == explorer.experiment.panels  # in each of them, the reader's own
    assert curves["runs"].count() > len(recorded.seeds)
    expect(explorer.root.locator(".sl-legend")).to_contain_text("your run")
    live = re.compile(rf"^Live, on your kernel: seed {OWN_SEED} · .* s$")
    expect(explorer.sources).to_have_text([parts.source_line(recorded, live=False), live])
    expect(explorer.said).to_have_text(parts.spoken(explorer.experiment, recorded))


@pytest.mark.parametrize("lens", RUNS)
def test_a_run_of_every_lens_is_drawn_over_its_recording(runs, lens):
    explorer = InLab(runs, RUNS[lens], lens, list(RUNS).index(lens))
    recorded = records.load(explorer.experiment, explorer.experiment.settings())
    explorer.run.click()
    expect(explorer.status).to_have_text(re.compile(r"^finished in \d+\.\d s$"))
    assert explorer.bar() == 1
    assert explorer.picture.locator("g[data-layer=own] path").count() >= 1
    live = re.compile(rf"^Live, on your kernel: seed {OWN_SEED} · .* s$")
    expect(explorer.sources).to_have_text([parts.source_line(recorded, live=False), live])


def test_where_nothing_is_recorded_the_reader_is_told(notebook):
    explorer = InLab(notebook, "LATCH")
    explorer.press("rate", ["ArrowRight"])
    expect(explorer.sources).to_have_text(["Nothing is recorded at these settings. Press Run to train here."])
    explorer.press("rate", ["ArrowLeft"])
    expect(explorer.sources).to_have_text([re.compile("^Recorded: 5 seeds")])


@pytest.mark.parametrize("name", ["FLOW", "LATCH"])
def test_an_error_is_a_line_for_the_reader_and_the_picture_stays(notebook, name):
    explorer = InLab(notebook, name)
    before = explorer.picture.inner_html()
    explorer.choose("Device", ABSENT)
    if explorer.experiment.recorded:
        explorer.run.click()
    expect(explorer.alert).to_contain_text(re.compile(f"{ABSENT}.*Try", re.IGNORECASE))
    assert explorer.picture.inner_html() == before
    explorer.choose("Device", "auto")
    expect(explorer.alert).to_have_count(0)
    expect(explorer.sources.first).to_have_text(re.compile("^(Live|Recorded)"))


@pytest.mark.parametrize(("answer", "verdict"), [("7", "✗"), ("231", "✓ Right")])
def test_a_typed_answer_gets_its_verdict(notebook, answer, verdict):
    cell = notebook.locator(".jp-CodeCell", has_text='check("half-life", answer')
    cell.locator(".cm-content").click()
    notebook.keyboard.press("ControlOrMeta+a")
    notebook.keyboard.insert_text(f'answer = {answer}\ncheck("half-life", answer)')
    notebook.keyboard.press("Shift+Enter")
    expect(cell.locator(".sl-verdict")).to_contain_text(verdict)
