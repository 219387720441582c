"""A small notebook in real JupyterLab and Notebook 7: what runs ends with its owner, and keys belong to the control."""

import json
import re

import nbformat
import pytest
from playwright.sync_api import expect

from conftest import serving
from pages import KERNEL, round_trip

pytestmark = pytest.mark.slow

expect.set_options(timeout=120_000)
SHOWN = {  # those that train do so for longer than any test takes
    "explorer": """from sevenlenses import explore
from sevenlenses.lenses import gradient
shown = explore(gradient.LATCH)
shown.live.controls["variant"].value, shown.live.controls["length"].value = "rnn", 256
shown""",
    "playground": """from sevenlenses.playground import playground
shown = playground()
shown.live.steps.value = shown.live.steps.max
shown""",
    "probe": "from sevenlenses import explore\nfrom sevenlenses.lenses import gradient\nexplore(gradient.FLOW)",
}
BARS = """
import asyncio, gc, json, sevenlenses.explorer.live, sevenlenses.playground.live
kinds = sevenlenses.explorer.live.Live, sevenlenses.playground.live.Live
bars = lambda: sorted(one.bar.value for one in gc.get_objects() if type(one) in kinds)
before = bars()
await asyncio.sleep(1)
print(json.dumps([before, bars()]))
"""  # how far each run has come, those that nobody sees too; and again, after the kernel had time for them
WRITE = """(code) => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets;
    cells.find((cell) => cell.model.type === "code").model.sharedModel.setSource(code);
    return window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => 0);
}"""
ASK = f"""async (code) => {{
    const asked = {KERNEL}.session.kernel.requestExecute({{ code, store_history: false }});
    let said = "";
    asked.onIOPub = (message) => {{ said += message.content.text ?? ""; }};
    await asked.done;
    return said;
}}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("server")
    (home / "notebooks").mkdir()
    cells = [nbformat.v4.new_markdown_cell("# Top"), nbformat.v4.new_code_cell()]
    cells += [nbformat.v4.new_markdown_cell("word\n\n" * 300)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}  # else it asks
    for name in ("lab", "notebook"):
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), home / f"notebooks/{name}.ipynb")
    with serving(home / "notebooks", home) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser, server):
    """A function: a notebook whose cell shows what is named, in JupyterLab or Notebook 7: the same page each time."""
    tabs = {}

    def open_notebook(name: str, place: str = "lab/tree/lab"):
        if place not in tabs:
            tab = tabs[place] = browser.new_page(viewport={"width": 1280, "height": 1400})
            tab.set_default_timeout(120_000)
            tab.goto(server.replace("/lab?", f"/{place}.ipynb?") + ("&reset" if place == "lab/tree/lab" else ""))
            tab.wait_for_selector(".jp-Notebook")
            tab.wait_for_function(f"window.jupyterapp && {KERNEL}")
            tab.evaluate(f"() => {KERNEL}.ready")
        tab = tabs[place]
        tab.evaluate(WRITE, SHOWN[name])
        expect(tab.locator(".jp-OutputArea-output .widget-vbox")).to_have_count(1)
        return tab

    yield open_notebook
    for tab in tabs.values():
        tab.close()


def command(tab, name: str) -> None:
    tab.evaluate(f"() => {{ window.jupyterapp.commands.execute('{name}'); }}")


def select_the_cell(tab) -> None:
    tab.locator(".jp-CodeCell .jp-InputPrompt").click()


def begin(tab) -> None:
    """Start its training, and wait until it has begun."""
    tab.locator(".widget-vbox").get_by_role("button", name=re.compile("Run|Train")).click()
    expect(tab.locator(".widget-hprogress + * .widget-html-content")).to_have_text(re.compile(r"\d\.\d s$"))


def run_again(tab) -> None:
    select_the_cell(tab)
    command(tab, "notebook:run-cell")
    round_trip(tab)


def clear(tab) -> None:
    select_the_cell(tab)
    command(tab, "notebook:clear-cell-output")
    expect(tab.locator(".jp-OutputArea-output .widget-vbox")).to_have_count(0)
    tab.wait_for_timeout(1000)


def interrupt(tab) -> None:
    command(tab, "notebook:interrupt-kernel")
    expect(tab.locator(".widget-hprogress + * .widget-html-content")).to_have_text("Interrupted.")
    expect(tab.locator(".widget-vbox").get_by_role("button", name=re.compile("Run|Train"))).to_be_enabled()


@pytest.mark.parametrize("name", ["explorer", "playground"])
@pytest.mark.parametrize("leave", [run_again, clear, interrupt])
def test_a_run_ends_with_its_owner(opened, name, leave):
    tab = opened(name)
    begin(tab)
    leave(tab)
    before, after = json.loads(tab.evaluate(ASK, BARS))
    assert before == after and 0 < max(after) < 1


def test_a_run_goes_on_while_its_reader_scrolls_or_moves_its_cell(opened):
    tab = opened("explorer")
    begin(tab)
    tab.locator(".jp-Notebook .jp-WindowedPanel-outer, .jp-Notebook").first.hover()
    tab.mouse.wheel(0, 100_000)
    tab.wait_for_timeout(1500)
    tab.mouse.wheel(0, -100_000)
    select_the_cell(tab)
    command(tab, "notebook:move-cell-up")
    before, after = json.loads(tab.evaluate(ASK, BARS))
    assert before < after
    interrupt(tab)


@pytest.mark.parametrize("place", ["lab/tree/lab", "notebooks/notebook"])
def test_keys_move_the_focused_control_and_leave_the_cells(opened, place):
    tab = opened("probe", place)
    handle, readout = (tab.locator(f".widget-hslider {part}").first for part in (".noUi-handle", ".widget-readout"))
    menu = tab.locator(".widget-dropdown select").first
    cells, selected = tab.locator(".jp-Cell"), tab.locator(".jp-Cell.jp-mod-selected")
    select_the_cell(tab)
    before = cells.count(), selected.evaluate_all("(all) => all.map((one) => one.dataset.windowedListIndex)")
    for key in ("ArrowLeft", "ArrowDown", "ArrowUp", "ArrowRight", "Home"):
        said = readout.inner_text()
        handle.press(key)
        expect(readout).not_to_have_text(said)
    menu.focus()
    for key in ("ArrowDown", "a", "b", "d", "d", "x"):  # in command mode they would add, delete and cut cells
        menu.press(key)
    after = cells.count(), selected.evaluate_all("(all) => all.map((one) => one.dataset.windowedListIndex)")
    assert before == after
    expect(menu).to_be_focused()


def test_every_slider_has_a_name(opened):
    tab = opened("probe")
    for slider in tab.locator(".widget-hslider").all():
        name = slider.locator(".widget-label").inner_text()
        expect(tab.get_by_role("slider", name=name, exact=True)).to_have_count(1)
