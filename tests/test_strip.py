"""What the playground writes beside each word, against PyTorch: who is named, how surely, and where minds change."""

import pytest

from sevenlenses.playground import page
from sevenlenses.playground.reading import answers
from sevenlenses.playground.training import MODELS
from sevenlenses.tasks.sentences import FIRST, SUSPECTS

STRIP = """([at]) => {
    const root = document.querySelector(".pg"), control = root.querySelector("[data-set=at]");
    control.value = at;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    const frame = () => new Promise(requestAnimationFrame);
    const look = (cell) => [cell.textContent.trim(), parseFloat(cell.style.getPropertyValue("--p")),
        cell.classList.contains("pg-off")];
    return frame().then(frame).then(() => [...root.querySelectorAll(".pg-token")].map((token) =>
        [...token.querySelectorAll(".pg-strip")].map(look)));
}"""


@pytest.fixture(scope="module")
def tab(browser, tmp_path_factory):
    place = tmp_path_factory.mktemp("strip") / "frame.html"
    place.write_text(page.frame_html(), encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(place.as_uri())
    yield tab
    context.close()


@pytest.mark.parametrize("at", [FIRST - 1, FIRST, 12, 19])
def test_the_strip_names_the_first_answer_and_every_other_one(tab, at):
    start = page.START
    words, right = start["words"], start["words"][FIRST - 1]
    chances = answers(start["diet"], start["seed"], start["step"], words)
    strips = tab.evaluate(STRIP, [at])
    for row, model in enumerate(MODELS):
        told = None
        for n, cells in enumerate(strips):
            name, height, off = cells[row]
            said = SUSPECTS[chances[model][n].argmax()]
            if n + 1 < FIRST or n >= at:
                assert name == "" and not off
            else:
                assert name == (said if said != told else "")
                assert height == pytest.approx(chances[model][n][SUSPECTS.index(right)], abs=1e-3)
                assert off == (said != right)
                told = said
            assert (height > 0) == (n < at)
