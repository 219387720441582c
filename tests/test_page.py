"""Every page of the built book in a real browser: opened from its files, with the network off."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages import CHAPTERS, EXPLORING, SOURCES, UNFOLD, contrast, in_theme
from sevenlenses.figures import VARIABLES

PAGES = [*CHAPTERS, "search"]
each_page = pytest.mark.parametrize("page", PAGES, scope="module")  # all that is asked of one, before the next
THEMES = ("light", "dark")
CODE = re.compile(r"^```(?!\{math).*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
PHONE = 320  # pixels: the narrowest screen that we promise, and a desk's at 400 %
WORDS = """() => {
    const copy = document.querySelector("main").cloneNode(true);
    copy.querySelectorAll("pre, code, script").forEach((code) => code.remove());
    return copy.textContent;
}"""


@each_page
def test_nothing_is_left_raw_and_mathematics_is_typeset(leaf, page):
    tab = leaf(page)
    tab.evaluate("() => window.MathJax?.startup.promise")
    formulas = tab.locator(".math").count()
    assert formulas == tab.locator(".math:has(mjx-container)").count()
    assert (formulas > 0) == ("$" in CODE.sub("", SOURCES.get(page, "")))
    assert tab.locator("mjx-merror, [data-mjx-error], [data-mml-node=merror]").count() == 0
    assert re.findall(r"\$\$|\\[a-z]+|:::|```|\{[a-z]{2,}.*|\]\{.*|\bnan\b", tab.evaluate(WORDS)) == []


@each_page
def test_axe_finds_nothing(leaf, page):
    tab, options = leaf(page), {"preload": False, "resultTypes": ["violations"]}  # it can read all style sheets anyway
    for theme in THEMES:
        in_theme(tab, theme)
        found = Axe().run(tab, options=options).response
        assert found["passes"]
        assert [(rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]] == []
        options["runOnly"] = ["color-contrast"]  # all else is the same in both


# Narrow screens

PUSH = """(end) => document.querySelectorAll("[data-knob]").forEach((one) => {
    if (one.type === "range") one.value = one[end];
    else one.selectedIndex = end === "min" ? 0 : one.options.length - 1;
    one.dispatchEvent(new Event("input"));
})"""
BESIDE = """() => [...document.querySelectorAll(".sl-explorer, .sl-explorer *")].filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    return left < 0 || right > document.documentElement.clientWidth;
}).map((one) => one.outerHTML.slice(0, 100))"""


@each_page
def test_a_phone_never_scrolls_sideways(visit, page):
    tab = visit(page, width=PHONE)
    tab.evaluate(UNFOLD)
    for end in ("as it opens", "min", "max"):  # of every control: other words beside it, another picture
        if end != "as it opens":
            tab.evaluate(PUSH, end)
        assert tab.evaluate("document.documentElement.scrollWidth") == PHONE
        assert tab.evaluate(BESIDE) == []


# Light and dark

MARKS = """(colors) => {
    const ground = (one) => {
        const color = getComputedStyle(one).backgroundColor;
        return color === "rgba(0, 0, 0, 0)" && one.parentElement ? ground(one.parentElement) : color;
    };
    const places = [...document.querySelectorAll(".sl-picture, .sl-controls, .sl-legend")];
    const marks = places.flatMap((place) => colors.map((color) => {
        const mark = place.appendChild(document.createElement("span"));
        mark.style.color = color;
        const seen = [getComputedStyle(mark).color, ground(mark)];
        mark.remove();
        return seen;
    }));
    const words = [...document.querySelectorAll(".sl-picture text")];
    return { marks, words: words.map((one) => [getComputedStyle(one).fill, ground(one)]) };
}"""


@each_page
def test_pictures_follow_the_theme_and_stay_readable(leaf, page):
    colors = [color for color in VARIABLES.values() if color != "var(--sl-faint)"]  # grid lines may be faint
    tab, both = leaf(page), []
    for theme in THEMES:
        in_theme(tab, theme)
        both.append(seen := tab.evaluate(MARKS, colors))
        assert bool(seen["words"]) == (page in EXPLORING) <= bool(seen["marks"])
        assert [mark for mark in seen["marks"] if contrast(mark) < 3] == []  # the least that WCAG asks of graphics
        assert [word for word in seen["words"] if contrast(word) < 4.5] == []  # and of words
    for by_day, by_night in zip(*(seen["words"] for seen in both), strict=True):
        assert by_day[0] != by_night[0] and by_day[1] != by_night[1]


# Numbers in the prose


NUMBERS = re.compile(r"^```\{code-cell\}.*\n:tags:.*\bnumbers\b.*\n((?:.*\n)*?)```$", re.M)  # cells
USED = re.compile(r"\{glue:text\}`(\w+):?([^`]*)`")


@each_page
def test_every_number_in_the_prose_is_named_and_read_from_the_run(leaf, page, monkeypatch):
    source, numbers = SOURCES.get(page, ""), {}
    monkeypatch.setattr("sevenlenses.explorer.page.NUMBERS", numbers)
    cells = list(NUMBERS.finditer(source))
    for cell, end in zip(cells, [*(cell.start() for cell in cells), None][1:], strict=True):
        known = set(numbers)
        exec(cell[1], {})
        section = {name for name, _ in USED.findall(source[cell.end() : end])}
        assert section <= set(numbers) and set(numbers) - known <= section  # a section's cell gives what is new in it
    used = USED.findall(source)
    assert {name for name, _ in used} == set(numbers)
    read = leaf(page).locator(".pasted-text").all_text_contents()
    assert read == [format(numbers[name], form) for name, form in used]
