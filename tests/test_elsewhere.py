"""What cells show where no kernel or no Jupyter is: in an export, and on hosts with colours of their own."""

import subprocess
import sys

import nbformat
import pytest
from nbconvert import HTMLExporter

from sevenlenses import check, explore
from sevenlenses.explorer.notebook import asset
from sevenlenses.lenses import gradient
from sevenlenses.quiz import ask

pytestmark = pytest.mark.slow

CODE = """from sevenlenses import explore
from sevenlenses.lenses import gradient, scaling
from sevenlenses.playground import playground
"""
CELLS = ("explore(gradient.FLOW)", "explore(gradient.LATCH)", "explore(scaling.DECODE)", "playground()")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> nbformat.NotebookNode:
    """An executed notebook with its outputs, and without the state of its widgets."""
    cells = [nbformat.v4.new_code_cell(code) for code in (CODE, *CELLS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    path = tmp_path_factory.mktemp("handed") / "in.ipynb"
    nbformat.write(notebook, path)
    execute = ["nbconvert", "--to=notebook", "--inplace", "--execute", "--ExecutePreprocessor.store_widget_state=False"]
    subprocess.run([sys.executable, "-m", *execute, path], check=True, capture_output=True)
    return nbformat.read(path, as_version=4)


def test_an_export_shows_pictures_and_no_code_of_widgets(handed_in, visit_alone):
    page, _ = HTMLExporter().from_notebook_node(handed_in)
    tab = visit_alone(page)
    shown = tab.locator(".jp-OutputArea-output:visible")
    assert shown.locator(".sl-picture svg").count() >= len(CELLS) - 1
    assert shown.locator("table.pg-answers").is_visible()
    boxes = shown.locator(".sl-picture svg").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().width)"
    )
    assert min(boxes) > 100
    assert "VBox(" not in tab.locator("body").inner_text()
    assert shown.get_by_text("run this cell for its controls").count() == len(CELLS)


def test_a_viewer_that_shows_text_alone_shows_a_sentence(handed_in):
    for cell, code in zip(handed_in.cells[1:], CELLS, strict=True):
        (said,) = [output.data["text/plain"] for output in cell.outputs if "data" in output]
        assert "VBox" not in said and "<" not in said and len(said) > 80, code


def test_a_saved_notebook_stays_small_enough_to_hand_in(handed_in):
    """An explorer's picture is stored once; the playground's weights, over a megabyte, are not."""
    per_cell = [len(nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))) for cell in handed_in.cells[1:]]
    assert max(per_cell) < 150_000


HOSTS = {
    "VS Code, dark": ("#1f1f1f", "#cccccc"),
    "VS Code, light": ("#ffffff", "#3b3b3b"),
    "VS Code, high contrast": ("#000000", "#ffffff"),
    "Kaggle-like, dark": ("#202124", "#e8eaed"),
    "a dim blue": ("#002b36", "#93a1a1"),
}
# What a colour comes to on all that lies behind it: the canvas puts them together as the page does.
CONTRAST = """(one) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const light = () => {
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
            .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paint = (colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return light(); };
    const chain = [];
    for (let node = one; node; node = node.parentElement) chain.unshift(getComputedStyle(node).backgroundColor);
    let behind = paint("white");
    for (const colour of chain) behind = paint(colour);
    const ink = paint(getComputedStyle(one).color);
    return (Math.max(ink, behind) + 0.05) / (Math.min(ink, behind) + 0.05);
}"""


@pytest.mark.parametrize("host", HOSTS)
def test_words_stand_out_on_any_host(host, visit_alone):
    background, text = HOSTS[host]
    explorer = explore(gradient.FLOW).live
    explorer._tell(ValueError("It failed. Try another."))
    card = ask("q01")._repr_html_().replace("<details", "<details open")
    said = [check("half-life", answer)._repr_html_() for answer in (231, 7, ...)]
    html = "".join([explorer.error.value, explorer.picture.value, *said, card])
    style = f"<style>{asset('explorer.css')}</style><style>body {{ background: {background}; color: {text}; }}</style>"
    tab = visit_alone(f"<!doctype html><body>{style}{html}</body>")
    words = tab.locator(".sl-error, .sl-source, .sl-said, .sl-verdict, .sl-legend li, .sl-stem, summary, .sl-feedback")
    assert words.count() > 15
    for one in words.all():
        assert one.evaluate(CONTRAST) >= 4.5, one.inner_text()


@pytest.fixture
def visit_alone(browser):
    """A function: a page of this text, without a network."""
    tabs = []

    def open_text(html: str):
        tab = browser.new_page(viewport={"width": 1000, "height": 2000})
        tabs.append(tab)
        tab.route("**/*", lambda route: route.abort())
        tab.set_content(html, wait_until="domcontentloaded")
        return tab

    yield open_text
    for tab in tabs:
        tab.close()
