"""The page's face of every explorer, in a real browser without a kernel and without a network."""

import random
import re

import pytest

from pages import CHAPTERS, EXPLORERS, EXPLORING, OnPage
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
)


def test_every_experiment_is_on_a_page(book):
    pages = "".join((book / f"{page}.html").read_text() for page in CHAPTERS)
    assert set(re.findall(r'id="explore-([\w-]+)"', pages)) == set(EXPERIMENTS)


@each_explorer
def test_every_control_changes_picture_and_words_and_back(leaf, page, index):
    plain = OnPage(leaf(page, scripts=False), index)
    explorer, first = OnPage(leaf(page), index), plain.shown()
    assert plain.root.locator("noscript p").is_visible() == bool(explorer.controls)
    assert explorer.shown() == first
    assert explorer.root.get_by_role("img").count() == 1
    for name in explorer.controls:
        seen = []
        for value in explorer.knob(name).stops:
            explorer.turn(name, value)
            seen.append(explorer.shown())
            assert explorer.says(name) == {explorer.knob(name).say(value)}
            assert explorer.root.get_by_role("img", name=seen[-1][1], exact=True).count() == 1
        assert all(len(set(ways)) > 1 for ways in zip(*seen, strict=True))
        explorer.turn(name, explorer.knob(name).default)
        assert explorer.shown() == first


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
        assert numbers == pytest.approx(close_to, abs=0.11), settings


def test_the_legend_can_name_every_model():
    assert parts.legend(list(STYLES)).count("<li>") == len(STYLES)


FOCUS = """() => {
    const one = document.activeElement, root = one.closest(".sl-explorer");
    const shown = [".sl-picture", ".sl-said"].map((part) => root?.querySelector(part).innerHTML);
    return one.matches("[data-knob]") && [one.id, getComputedStyle(one).outlineStyle, shown];
}"""


@pytest.mark.parametrize("page", EXPLORING)
def test_the_keyboard_alone_reaches_and_moves_every_control(visit, page):
    tab = visit(page)
    left = set(tab.locator("[data-knob]").evaluate_all("(all) => all.map((one) => one.id)"))
    for _ in range(tab.locator("a, button, input, select, summary, [tabindex]").count()):
        tab.keyboard.press("Tab")
        if not (found := tab.evaluate(FOCUS)):
            continue
        name, outline, first = found
        assert outline != "none"
        for there, back in (("ArrowDown", "ArrowUp"), ("ArrowUp", "ArrowDown")):  # at one end only one of them moves
            tab.keyboard.press(there)
            if tab.evaluate(FOCUS)[2] != first:
                left.discard(name)
                tab.keyboard.press(back)
                break
        assert tab.evaluate(FOCUS)[2] == first
    assert left == set()


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
