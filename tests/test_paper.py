"""What a page tells on paper, and in the few colours that a reader's system leaves it: nothing hangs on the others."""

import re

import pytest

from pages import CHAPTERS, EXPLORING, contrast, in_theme
from sevenlenses.explorer.page import figure_html
from sevenlenses.lenses import EXPERIMENTS
from sevenlenses.playground import page

# The colour of every element that has words of its own, and in pictures of every word.
INK = """() => [...document.querySelectorAll("main *, .pg *, .sl-explorer *")].filter((one) =>
    one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
).map((one) => [getComputedStyle(one)[one.matches("svg text") ? "fill" : "color"], one.outerHTML.slice(0, 80)])"""


def faint(tab) -> list:
    """Words that are too faint on white paper: printers leave out what lies behind them."""
    words = tab.evaluate(INK)
    assert len(words) > 5
    return [(color, markup) for color, markup in words if contrast([color, "rgb(255, 255, 255)"]) < 4.5]


each_page = pytest.mark.parametrize("page", CHAPTERS, scope="module")  # all that is asked of one, before the next


@each_page
def test_a_dark_page_is_printed_in_dark_ink(leaf, page):
    tab = leaf(page)
    in_theme(tab, "dark")
    assert faint(tab)  # on the screen the words are light
    theme = "theme => document.documentElement.dataset.theme === theme"
    tab.emulate_media(media="print")
    tab.wait_for_function(theme, arg="light")
    assert faint(tab) == []
    tab.emulate_media(media="screen")
    tab.wait_for_function(theme, arg="dark")


def test_printing_itself_takes_the_light_theme_and_gives_the_dark_one_back(visit):
    tab = visit("book/index", color_scheme="dark")
    tab.evaluate("""() => {
        window.themes = [];
        const seen = new MutationObserver(() => window.themes.push(document.documentElement.dataset.theme));
        seen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
        addEventListener("beforeprint", () => window.themes.push(document.documentElement.dataset.theme));
    }""")
    tab.pdf()
    assert "light" in tab.evaluate("window.themes")
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"


DARK_HOST = '<body data-jp-theme-light="false" style="color: #ddd; background: #111">'
IN_NOTEBOOKS = {
    "playground": lambda book: page.frame_html(),
    "explorer": lambda book: (
        f'<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{book}/_static/explorer.css">{DARK_HOST}'
        + figure_html(EXPERIMENTS["gradient-flow"], EXPERIMENTS["gradient-flow"].measure())
    ),
}


@pytest.mark.parametrize("kind", IN_NOTEBOOKS)
def test_from_a_dark_notebook_too(visit, book, tmp_path, kind):
    place = tmp_path / "notebook.html"
    place.write_text(IN_NOTEBOOKS[kind](book), encoding="utf-8")
    tab = visit(place, color_scheme="dark")
    assert faint(tab)
    tab.emulate_media(media="print")
    assert faint(tab) == []


# The playground's bars and marks, by view: what tells something, and what it is when it tells nothing. They are taken
# away one after the other.
TELLING = {
    "gates": {
        ".pg-off": "one.classList.remove('pg-off')",
        ".pg-turn": "one.classList.remove('pg-turn')",
        ".pg-now": "one.classList.remove('pg-now')",
        ".pg-token .pg-gate": "one.style.setProperty('--units', 'inset(100%)')",
        ".pg-token .pg-above": "one.style.setProperty('--mean', 0)",
        ".pg-token .pg-strip": "one.style.setProperty('--p', 0)",
        ".pg-answers td": "one.style.setProperty('--p', 0)",
        ".pg-seeds path": "one.setAttribute('d', '')",
        ".pg-seeds [aria-pressed=true]": "one.ariaPressed = false",
    },
    "credit": {
        ".pg-against": "one.classList.remove('pg-against')",
        ".pg-lone": "one.style.setProperty('--p', 0)",
        ".pg-above": "one.style.setProperty('--p', 0)",
    },
    "attention": {".pg-above": "one.style.setProperty('--p', 0)"},
}


@pytest.fixture
def reading(visit):
    """A function that opens the playground where it tells much, with one of its views."""

    def open_page(view: str, **options):
        tab = visit("book/playground", **options)
        where = "seed=2&step=50" if view == "credit" else "seed=4&step=200"
        tab.evaluate(f"location.hash = '{where}&view={view}&at=19'")
        tab.reload()  # else what stood there before could be taken for drawn
        tab.locator(".pg-seeds [aria-pressed=true]").scroll_into_view_if_needed()
        tab.wait_for_function("!/…|being computed/.test(document.querySelector('.pg').innerText)")
        return tab

    return open_page


def printed(tab) -> set[bytes]:
    """What is drawn when the page is printed without background graphics: all streams of the PDF."""
    return set(re.findall(rb"stream\r?\n(.*?)\r?\nendstream", tab.pdf(), re.DOTALL))


def unseen(tab, picture, view: str) -> list[str]:
    """The marks without which the picture is the same."""
    before, lost = picture(tab), []
    while (again := picture(tab)) != before:  # until nothing moves by itself
        before = again
    for where, nothing in TELLING[view].items():
        assert tab.locator(where).evaluate_all(f"(all) => all.map((one) => {{ {nothing}; }}).length"), where
        after = picture(tab)
        if after == before:
            lost.append(where)
        before = after
    return lost


@pytest.mark.parametrize("view", TELLING)
def test_bars_and_marks_are_printed_without_background_graphics(reading, view):
    assert unseen(reading(view), printed, view) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", TELLING)
def test_bars_and_marks_are_seen_in_forced_colours(reading, view, scheme):
    tab = reading(view, forced_colors="active", color_scheme=scheme)
    assert unseen(tab, lambda tab: tab.locator(".pg").screenshot(), view) == []


# What is drawn in a picture, less its grid, and what lies behind.
DRAWN = """() => {
    const all = [...document.querySelectorAll(".sl-picture svg :is(path, use, text), .sl-swatch path")];
    const seen = all.filter((one) => !one.closest("defs, clipPath") && !one.outerHTML.includes("--sl-faint"));
    const colors = seen.flatMap((one) => {
        const { fill, stroke } = getComputedStyle(one);
        return [fill, stroke].filter((color) => color.startsWith("rgb"));
    });
    return [[...new Set(colors)], getComputedStyle(document.body).backgroundColor];
}"""


@each_page
def test_pictures_are_seen_in_forced_colours_whatever_the_theme(leaf, page):
    tab = leaf(page)
    for scheme, paper in {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}.items():
        tab.emulate_media(color_scheme=scheme, forced_colors="active")
        for theme in ("light", "dark"):
            tab.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            drawn, ground = tab.evaluate(DRAWN)
            assert ground == paper
            assert bool(drawn) == (page in EXPLORING)
            assert [color for color in drawn if contrast([color, ground]) < 4.5] == []
    tab.emulate_media(color_scheme="light", forced_colors="none")
