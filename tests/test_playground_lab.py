"""The playground in a notebook: a real JupyterLab, networks trained in its kernel, the same view in a frame."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from pages import KERNEL, round_trip
from sevenlenses.explorer.live import OWN_SEED
from sevenlenses.playground.live import Live

expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def notebook(browser, jupyterlab):
    """The playground's chapter, every cell run once."""
    tab = browser.new_page(viewport={"width": 1400, "height": 1200})
    tab.set_default_timeout(60_000)
    tab.goto(jupyterlab.replace("/lab?", "/lab/tree/playground.ipynb?") + "&reset")
    tab.wait_for_selector(".jp-Notebook")
    tab.wait_for_function("window.jupyterapp")
    tab.evaluate(f"() => {KERNEL}.ready")
    tab.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    tab.wait_for_selector("iframe[title=Playground]")
    yield tab
    tab.close()


class InLab:
    """The playground in the notebook: its training controls, and the view in its frame."""

    def __init__(self, tab):
        self.tab = tab
        self.root = tab.locator(".jp-OutputArea-output .widget-vbox").first
        self.train, self.cancel = (self.root.get_by_role("button", name=word) for word in ("Train", "Cancel"))
        self.status = self.root.locator(".widget-hprogress + * .widget-html-content")
        self.view = self.root.frame_locator("iframe[title=Playground]")

    def type(self, label: str, value: str) -> None:
        row = self.root.locator(".widget-hslider", has_text=label)
        row.locator(".widget-readout").click()
        row.locator(".widget-readout").fill(value)
        row.locator(".widget-readout").press("Enter")
        round_trip(self.tab)


def test_before_training_the_recorded_networks_are_shown(notebook):
    shown = InLab(notebook)
    expect(shown.view.locator(".pg-answers thead")).to_contain_text("cook ✓")
    expect(shown.view.locator("[data-set=seed] option")).to_have_text(["0", "1", "2", "3", "4"])
    shown.view.locator("[data-set=at]").press("End")
    expect(shown.view.locator("[data-show=minds]")).to_contain_text("changes its mind at word")
    expect(shown.view.locator(".pg-seeds")).not_to_contain_text("…")
    assert notebook.locator("[data-mime-type='application/vnd.jupyter.error'], [data-mime-type$=stderr]").count() == 0


def test_the_frame_is_as_high_as_its_view_and_as_dark_as_the_notebook(notebook):
    shown = InLab(notebook)
    frame = shown.root.locator("iframe[title=Playground]")
    high = "(one) => [one.clientHeight, one.contentDocument.documentElement.scrollHeight]"
    notebook.wait_for_timeout(300)
    outside, inside = frame.evaluate(high)
    assert inside <= outside <= inside + 40
    theme = "(one) => one.contentDocument.documentElement.dataset.theme"
    assert frame.evaluate(theme) == "light"
    notebook.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    notebook.wait_for_timeout(200)
    assert frame.evaluate(theme) == "dark"
    notebook.evaluate("() => { document.body.dataset.jpThemeLight = 'true'; }")


def test_training_grows_can_be_cancelled_and_opens_the_view_with_the_readers_own(notebook):
    shown = InLab(notebook)
    shown.type("Training steps", "400")
    shown.train.click()
    expect(shown.cancel).to_be_enabled()
    expect(shown.status).to_have_text(re.compile(r"^step \d+ of 400 · \d+\.\d s$"))
    expect(shown.root.get_by_role("img", name=re.compile("Accuracy after .* RNN 0"))).to_have_count(1)
    shown.cancel.click()
    expect(shown.status).to_contain_text("Cancelled")
    expect(shown.train).to_be_enabled()
    assert shown.view.locator("[data-set=diet] option").count() == 2  # as recorded

    shown.type("Training steps", "50")
    shown.type("Longest sentence", "12")
    shown.train.click()
    expect(shown.status).to_have_text(
        re.compile(r"^finished in \d+\.\d s; hidden sizes: RNN 32, LSTM 12, attention 20$")
    )
    expect(shown.view.locator("[data-set=diet]")).to_have_value("own")
    expect(shown.view.locator("[data-set=seed] option")).to_have_text([str(OWN_SEED)])
    shown.view.locator("[data-set=step]").press("Home")
    expect(shown.view.locator("[data-set=step] + output")).to_have_text("0 steps")
    expect(shown.root.get_by_role("img", name=re.compile("Accuracy after 50 steps"))).to_have_count(1)


@pytest.mark.slow
def test_an_error_is_a_line_for_the_reader_and_the_view_stays():
    def in_a_script() -> tuple[str, str, bool]:
        live = Live()
        before, live.steps.value = live.frame.value, 25
        live.rates["rnn"].options = [("wild", 1e30)]
        live.run.click()
        failed = live.error.value, live.frame.value == before, live.run.disabled
        live.rates["rnn"].options = [("calm", 0.001)]
        live.run.click()
        return *failed, live.error.value, live.status.value, live.frame.value != before

    with ThreadPoolExecutor() as thread:  # Playwright's own loop runs in this one
        error, stayed, disabled, cleared, status, own = thread.submit(in_a_script).result()
    assert re.search(r'role="alert">.*learning rate below', error)
    assert stayed and not disabled and own
    assert cleared == "" and status.startswith("finished")
