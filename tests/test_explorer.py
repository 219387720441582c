"""The page's face of every explorer, in a real browser without a kernel and without a network."""

import itertools
import random
import re

import numpy as np
import pytest

from pages import CHAPTERS, EXPLORERS, OnPage
from sevenlenses import check, explore, records
from sevenlenses.explorer import parts
from sevenlenses.explorer.page import explorer_html, figure_html
from sevenlenses.figures import STYLES
from sevenlenses.lens import Experiment, Knob, Result
from sevenlenses.lenses import EXPERIMENTS

ROUNDS = 2  # random settings tried in each explorer
each_explorer = pytest.mark.parametrize(
    ("page", "index"),
    [pytest.param(page, i, id=name) for page in CHAPTERS for i, name in enumerate(EXPLORERS[page])],
    scope="module",  # one after the other on the same page
)


def test_every_experiment_is_on_a_page(book):
    pages = "".join((book / f"{page}.html").read_text() for page in CHAPTERS)
    assert set(re.findall(r'id="explore-([\w-]+)"', pages)) == set(EXPERIMENTS)


# Sweeps every control over so many stops and back to its first one. Of each stop: which picture, its description, what
# the picture is called, and the ways in which the control's value is told.
SWEEP = """(root, [stops, first]) => {
    const pictures = [], part = (name) => root.querySelector(name);
    const words = (all) => all.map((one) => one.textContent).join(" ").trim().replace(/\\s+/g, " ");
    const look = (control) => {
        const picture = part(".sl-picture").innerHTML;
        if (!pictures.includes(picture)) pictures.push(picture);
        const [image, ...others] = root.querySelectorAll("[role=img], img");
        const names = image.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id));
        const told = control?.type === "range"
            ? [control.ariaValueText, control.parentElement.querySelector("output").textContent]
            : [control?.selectedOptions[0].textContent];
        return [pictures.indexOf(picture), words([part(".sl-said")]), others.length || words(names), told];
    };
    const turn = (control, stop) => {
        control[control.type === "range" ? "value" : "selectedIndex"] = stop;
        for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
        return look(control);
    };
    const sweep = (control, n) => [...Array(stops[n]).keys(), first[n]].map((stop) => turn(control, stop));
    return [look(), ...[...root.querySelectorAll("[data-knob]")].map(sweep)];
}"""


def swept(explorer: OnPage, stops: list[int]) -> list:
    knobs = [explorer.knob(name) for name in explorer.controls]
    return explorer.root.evaluate(SWEEP, [stops, [knob.stops.index(knob.default) for knob in knobs]])


@each_explorer
def test_every_control_changes_picture_and_words_and_back(leaf, page, index):
    plain = OnPage(leaf(page, scripts=False), index)
    explorer, first = OnPage(leaf(page), index), plain.shown()
    assert plain.root.locator("noscript p").is_visible() == bool(explorer.controls)
    assert explorer.shown() == first
    knobs = [explorer.knob(name) for name in explorer.controls]
    at_first, *sweeps = swept(explorer, [len(knob.stops) for knob in knobs])
    for knob, (*seen, last) in zip(knobs, sweeps, strict=True):
        assert last[:2] == at_first[:2]
        assert len({picture for picture, *_ in seen}) > 1 and len({words for _, words, *_ in seen}) > 1
        assert [set(told) for *_, told in seen] == [{knob.say(value)} for value in knob.stops]
    assert all(words == name for _, words, name, _ in [at_first, *itertools.chain(*sweeps)])
    assert explorer.shown() == first
    assert explorer.root.get_by_role("img", name=first[1], exact=True).count() == 1


def numbers_apart(markup: str) -> tuple[str, list[float]]:
    """Markup without the names of markers and clips; its numbers apart, as their last digit may be rounding."""
    number = r"-?\d+(?:\.\d+)?"
    markup = re.sub(r"[\w-]*\b[mp][0-9a-f]{10}", "", markup)
    return re.sub(number, "0", markup), [float(one) for one in re.findall(number, markup)]


@each_explorer
def test_what_is_shown_is_what_the_experiment_gives(leaf, page, index):
    explorer, dice = OnPage(leaf(page), index), random.Random(index)
    experiment = explorer.experiment
    for _ in range(ROUNDS):
        settings = {name: dice.choice(explorer.knob(name).stops) for name in explorer.controls}
        for name in dice.sample(list(settings), len(settings)):
            explorer.turn(name, settings[name])
        whole = experiment.settings(**settings)
        result = records.load(experiment, whole) if experiment.recorded else experiment.measure(**whole)
        picture, words = explorer.shown()
        assert words == " ".join(parts.spoken(experiment, result).split())
        if (legend := explorer.root.locator(".sl-legend")).count():
            named = {text.strip() for text in legend.locator("li:visible").all_inner_texts()}
            assert named == {STYLES[model].label for model in experiment.models(result)}
        svg = parts.drawn(experiment, result).svg()
        parsed = explorer.tab.evaluate(
            "(svg) => { const p = document.createElement('p'); p.innerHTML = svg; return p.innerHTML; }", svg
        )
        (tags, numbers), (expected, close_to) = numbers_apart(picture), numbers_apart(parsed)
        assert tags == expected, settings
        assert np.abs(np.subtract(numbers, close_to)).max() < 0.11, settings
    swept(explorer, [0] * len(explorer.controls))  # back to where it was


def test_the_legend_can_name_every_model():
    assert parts.legend(list(STYLES)).count("<li>") == len(STYLES)


BEFORE = """(root) => {
    const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
    const before = all.filter((one) => one.compareDocumentPosition(root) === Node.DOCUMENT_POSITION_FOLLOWING);
    before.reverse().find((one) => { one.focus(); return document.activeElement === one; });
}"""
FOCUS = """(root) => {
    const one = document.activeElement, shown = [".sl-picture", ".sl-said"].map((part) => root.querySelector(part));
    const now = shown.map((part) => part.innerHTML).join(), first = (root.first ??= now);
    const outline = getComputedStyle(one).outlineStyle;
    return root.contains(one) && [one.id, one.matches("[data-knob]"), outline, now === first];
}"""


@each_explorer
def test_the_keyboard_alone_reaches_moves_and_leaves_every_control(leaf, page, index):
    tab = leaf(page)
    explorer, reached = OnPage(tab, index), set()
    explorer.root.evaluate(BEFORE)
    tab.keyboard.press("Tab")
    while found := explorer.root.evaluate(FOCUS):
        name, is_control, outline, as_at_first = found
        assert outline != "none" and as_at_first and name not in reached
        for there, back in (("ArrowDown", "ArrowUp"), ("ArrowUp", "ArrowDown")) if is_control else ():
            tab.keyboard.press(there)  # at one end only one of them moves
            if not explorer.root.evaluate(FOCUS)[-1]:
                reached.add(name)
                tab.keyboard.press(back)
                break
        tab.keyboard.press("Tab")
    assert reached == {f"{explorer.experiment.name}-{name}" for name in explorer.controls}


def test_the_keyboard_alone_comes_from_the_top_of_a_page_to_its_end(visit):
    tab = visit("book/index")
    tab.evaluate("() => { window.met = []; addEventListener('focusin', (now) => window.met.push(now.target)); }")
    for _ in range(tab.locator("a, button, input, select, summary, [tabindex]").count()):
        tab.keyboard.press("Tab")
    stops = tab.locator("[data-knob], .sl-play, .right-next")
    assert stops.evaluate_all("(all) => all.map((one) => window.met.includes(one))") == [True] * 3


def test_play_moves_pauses_and_ends_by_itself(visit):
    tab = visit("book/index")
    tab.clock.install()
    tab.clock.pause_at(tab.evaluate("Date.now()") + 1000)  # it moves when the test moves it
    explorer, button = OnPage(tab, 0), tab.locator(".sl-play")
    (slider,) = explorer.controls.values()
    last = slider.get_attribute("max")

    def state() -> tuple[str, str, str, str]:
        return slider.input_value(), button.get_attribute("aria-pressed"), button.text_content(), explorer.shown()[0]

    def later(milliseconds: int) -> tuple[str, str, str, str]:
        tab.clock.run_for(milliseconds)
        return state()

    assert state()[:3] == (last, "false", "Play")
    button.press("Space")
    early, middle = later(1000), later(1000)
    assert early[1:3] == middle[1:3] == ("true", "Pause")
    assert int(early[0]) < int(middle[0]) and early[3] != middle[3]
    button.press("Space")
    assert state() == (middle[0], "false", "Play", middle[3]) == later(10_000)
    button.click()
    assert int(later(1000)[0]) > int(middle[0])  # it goes on from there
    slider.press("ArrowLeft")  # the reader takes over
    assert state() == later(10_000) and state()[1] == "false"
    button.click()
    assert later(100_000)[:3] == (last, "false", "Play")


# Hostile words

HOSTILE = '</script><img src=x onerror=alert(1)>--> "quoted" & &lt;b&gt;'


def hostile() -> Experiment:
    """An experiment in which every word is an attack."""
    knobs = {
        "number": Knob(HOSTILE, 1, (1, 2), 1, 2, unit=HOSTILE),
        "choice": Knob(HOSTILE, "a", ("a", "b"), names={"a": HOSTILE, "b": HOSTILE * 2}, group="rnn"),
    }

    def run(*, seeds, device, **settings) -> Result:
        return Result(knobs=settings, seeds=tuple(seeds), setup={"device": HOSTILE, "torch": HOSTILE, "seconds": 0.0})

    return Experiment(
        name="hostile",
        question=HOSTILE,
        knobs=knobs,
        run=run,
        draw=lambda result, axes, own=None: axes[0].set_title(HOSTILE, gid="all/title"),
        describe=lambda result: {"frame": HOSTILE, "all": HOSTILE},
        layers={"frame": ("number",), "all": ("number", "choice")},
        result=Result,
        models=lambda result: ["rnn", "lstm"],
    )


def live_html(experiment: Experiment) -> str:
    live = explore(experiment).live
    live._tell(ValueError(HOSTILE))
    return live.picture.value + live.error.value


FACES = {
    "page": lambda experiment: explorer_html(experiment, list(experiment.knobs), "number"),
    "still": lambda experiment: figure_html(experiment, experiment.measure()),
    "live": live_html,
    "verdict": lambda _: check("half-life", HOSTILE)._repr_html_(),
}


def test_a_still_at_other_settings_stands_beside_its_explorer():
    experiment = EXPERIMENTS["structure-places"]
    usual, moved = (records.load(experiment, experiment.settings(**at)) for at in ({}, {"measured": "parity-1"}))
    both = explorer_html(experiment, ["measured"], None) + figure_html(experiment, moved)
    ids = re.findall(r'\bid="([^"]+)"', both)
    assert len(ids) == len(set(ids)) and "still-structure-places-measured-parity-1" in ids
    assert 'id="explore-structure-places"' in figure_html(experiment, usual)


@pytest.mark.parametrize("face", FACES)
def test_hostile_words_are_only_words(visit, book, tmp_path, face):
    html = FACES[face](hostile())
    store = html.partition('class="sl-data">')[2].rpartition("</script>")[0]
    assert bool(store) == (face == "page") and "</" not in store
    place = tmp_path / "hostile.html"
    place.write_text(f'<!doctype html><meta charset="utf-8">{html}<script src="{book}/_static/explorer.js"></script>')
    tab = visit(place)
    if face == "page":
        tab.locator("select").select_option(index=1)
        tab.locator("input").fill("1")
    assert tab.locator("img").count() == 0
    assert HOSTILE in tab.locator("body").inner_text()
