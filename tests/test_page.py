"""The built book in a real browser: opened from its files, with the network off."""

import ast
import random
import re
from pathlib import Path

import pytest

from sevenlenses import check, explore, records
from sevenlenses.explorer import parts
from sevenlenses.explorer.page import explorer_html, figure_html
from sevenlenses.figures import VARIABLES
from sevenlenses.lens import Experiment, Knob, Result
from sevenlenses.lenses import EXPERIMENTS

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text())
SOURCES = {page: (ROOT / f"{page}.md").read_text() for page in CHAPTERS}
PAGES = [*CHAPTERS, "search"]
FOUND = {page: re.findall(r"^explore\((\w+)", source, re.MULTILINE) for page, source in SOURCES.items()}
EXPLORERS = [
    pytest.param(page, index, id=f"{page}-{name}") for page in CHAPTERS for index, name in enumerate(FOUND[page])
]
EXPLORING = [page for page in CHAPTERS if FOUND[page]]
THEMES = ("light", "dark")
PHONE = 360  # pixels: the narrowest screen that we promise
ROUNDS = 5  # random settings tried in each explorer
HOSTILE = """</script><img src=x onerror=alert(1)>--> "quoted" & 'more' &lt;b&gt;"""


@pytest.fixture
def visit(browser, book):
    """A function that opens a page. At the end: nothing was complained about, and nothing asked for but files."""
    contexts, complaints = [], []

    def refuse(dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_page(page: str | Path, *, width: int = 1280, **options):
        context = browser.new_context(offline=True, viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(30_000)
        tab.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        tab.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or complaints.append(asked.url))
        tab.on("dialog", refuse)
        tab.goto((page if isinstance(page, Path) else book / f"{page}.html").as_uri())
        tab.wait_for_load_state("networkidle")
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


class OnPage:
    """One explorer on an open page: its controls by name, and what it shows."""

    def __init__(self, tab, index: int):
        self.tab, self.root = tab, tab.locator("figure.sl-explorer:has(.sl-data)").nth(index)
        self.experiment = EXPERIMENTS[self.root.get_attribute("id").removeprefix("explore-")]
        found = self.root.locator("[data-knob]").all()
        self.controls = {one.get_attribute("id").removeprefix(f"{self.experiment.name}-"): one for one in found}

    def knob(self, name: str) -> Knob:
        return self.experiment.knobs[name]

    def turn(self, name: str, value) -> None:
        control, position = self.controls[name], self.knob(name).stops.index(value)
        if self.knob(name).is_choice:
            control.select_option(index=position)
        else:
            control.fill(str(position))

    def says(self, name: str) -> set[str]:
        """The value of a control in all the ways in which it is told."""
        return set(self.controls[name].evaluate("""c => c.type === "range"
            ? [c.ariaValueText, c.parentElement.querySelector("output").textContent]
            : [c.selectedOptions[0].textContent]"""))  # fmt: skip

    def shown(self) -> tuple[str, str]:
        """The picture's markup and its description."""
        words = self.root.locator(".sl-said").text_content()
        return self.root.locator(".sl-picture").inner_html(), " ".join(words.split())


# Every page


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_left_raw_and_mathematics_is_typeset(visit, page):
    tab = visit(page)
    tab.evaluate("() => window.MathJax?.startup.promise")
    formulas = tab.locator(".math")
    assert (formulas.count() > 0) == ("$" in SOURCES.get(page, ""))
    assert formulas.count() == tab.locator(".math mjx-container").count()
    assert tab.locator("mjx-merror, [data-mjx-error], [data-mml-node=merror]").count() == 0
    words = tab.evaluate("""() => {
        const copy = document.querySelector("main").cloneNode(true);
        copy.querySelectorAll("pre, code, script").forEach((code) => code.remove());
        return copy.textContent;
    }""")
    assert re.findall(r"\$\$|\\[a-z]+|:::|```|\{[a-z]{2,}.*|\]\{.*|None|nan\b", words) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(visit, page, theme):
    from axe_playwright_python.sync_playwright import Axe

    tab = visit(page, color_scheme=theme)
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    tab.evaluate("""() => {
        document.querySelectorAll("details").forEach((folded) => { folded.open = true; });
        document.getAnimations().forEach((animation) => animation.finish());
    }""")
    found = Axe().run(tab).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []


BESIDE = """() => [...document.querySelectorAll(".sl-explorer, .sl-explorer *")].filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    return left < 0 || right > document.documentElement.clientWidth;
}).map((one) => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_never_scrolls_sideways(visit, page):
    tab = visit(page, width=PHONE)
    tab.evaluate("document.querySelectorAll('details').forEach((folded) => { folded.open = true; })")
    for end in ("min", "max"):  # of every slider: the longest words beside it, the widest picture
        tab.locator("input[data-knob]").evaluate_all(f"""(sliders) => sliders.forEach((one) => {{
            one.value = one.{end};
            one.dispatchEvent(new Event("input"));
        }})""")
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE
        assert tab.evaluate(BESIDE) == []


# Light and dark

INKS = """(variables) => {
    const solid = (one) => {
        const color = getComputedStyle(one).backgroundColor;
        return one === document.documentElement || !/^rgba.* 0\\)$/.test(color) ? color : solid(one.parentElement);
    };
    const marks = [...document.querySelectorAll(".sl-picture, .sl-controls, .sl-legend")].flatMap((place) =>
        variables.map((variable) => {
            const mark = place.appendChild(document.createElement("span"));
            mark.style.color = variable;
            return [getComputedStyle(mark).color, solid(mark)];
        }));
    const words = [...document.querySelectorAll(".sl-picture text")].map((one) => [getComputedStyle(one).fill, solid(one)]);
    return [marks, words];
}"""  # noqa: E501


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    shares = [float(part) / 255 for part in re.findall(r"[\d.]+", color)[:3]]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(color: str, ground: str) -> float:
    low, high = sorted((luminance(color), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", EXPLORING)
def test_pictures_follow_the_theme_and_stay_readable(visit, page):
    variables = [one for name, one in VARIABLES.items() if one != "var(--sl-faint)"]
    light, dark = (visit(page, color_scheme=theme).evaluate(INKS, variables) for theme in THEMES)
    for marks, words in (light, dark):
        assert marks and words
        assert [mark for mark in marks if contrast(*mark) < 3] == []  # the least that WCAG asks of graphics
        assert [word for word in words if contrast(*word) < 4.5] == []  # and of words
    for before, after in zip(light[1], dark[1], strict=True):
        assert before[0] != after[0] and before[1] != after[1]


# Explorers


def test_every_experiment_is_on_a_page(book):
    there = {name for page in CHAPTERS for name in re.findall(r'id="explore-([\w-]+)"', (book / f"{page}.html").read_text())}  # fmt: skip # noqa: E501
    assert there == set(EXPERIMENTS)


@pytest.mark.parametrize(("page", "index"), EXPLORERS)
def test_every_control_changes_picture_and_words_and_back(visit, page, index):
    plain = OnPage(visit(page, java_script_enabled=False), index)
    assert plain.root.get_by_text("The controls need JavaScript").is_visible()
    explorer, first = OnPage(visit(page), index), plain.shown()
    assert explorer.shown() == first
    assert explorer.root.locator(".sl-said[aria-live=polite]").count() == 1
    for name in explorer.controls:
        seen = []
        for value in explorer.knob(name).stops:
            explorer.turn(name, value)
            seen.append(explorer.shown())
            assert explorer.says(name) == {explorer.knob(name).say(value)}
            assert explorer.root.get_by_role("img", name=seen[-1][1], exact=True).count() == 1
        assert explorer.root.get_by_role("img").count() == 1
        assert all(len(set(ways)) > 1 for ways in zip(*seen, strict=True))
        explorer.turn(name, explorer.knob(name).default)
        assert explorer.shown() == first


def numbers_apart(markup: str) -> tuple[str, list[float]]:
    """Markup without the names of markers and clips; its numbers apart, as their last digit may be rounding."""
    number = r"-?\d+(?:\.\d+)?"
    markup = re.sub(r"[\w-]*\b[mp][0-9a-f]{10}", "", markup)
    return re.sub(number, "0", markup), [float(one) for one in re.findall(number, markup)]


@pytest.mark.parametrize(("page", "index"), EXPLORERS)
def test_what_is_shown_is_what_the_experiment_gives(visit, page, index):
    explorer, dice = OnPage(visit(page), index), random.Random(index)
    experiment = explorer.experiment
    for _ in range(ROUNDS):
        settings = {name: dice.choice(explorer.knob(name).stops) for name in explorer.controls}
        for name in dice.sample(list(settings), len(settings)):
            explorer.turn(name, settings[name])
        whole = experiment.settings(**settings)
        result = records.load(experiment, whole) if experiment.recorded else experiment.measure(**whole)
        drawn, words = explorer.shown()
        assert words == " ".join(parts.spoken(experiment, result).split())
        markup = parts.drawn(experiment, result).svg()
        expected = explorer.tab.evaluate("(svg) => Object.assign(document.createElement('div'), {innerHTML: svg}).innerHTML", markup)  # fmt: skip # noqa: E501
        (tags, numbers), (want, close_to) = numbers_apart(drawn), numbers_apart(expected)
        assert tags == want, settings
        assert numbers == pytest.approx(close_to, abs=0.11), settings


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
    explorer, button = OnPage(tab, 0), tab.locator(".sl-play")
    (slider,) = explorer.controls.values()

    def state() -> tuple[str, str, str, str]:
        return slider.input_value(), button.get_attribute("aria-pressed"), button.text_content(), explorer.shown()[0]

    def later(milliseconds: int) -> tuple[str, str, str, str]:
        tab.clock.run_for(milliseconds)
        return state()

    assert state()[:3] == (slider.get_attribute("max"), "false", "Play")
    button.press("Space")
    early, middle = later(1000), later(1000)
    assert early[1:3] == middle[1:3] == ("true", "Pause")
    assert int(early[0]) < int(middle[0]) and early[3] != middle[3]
    button.press("Space")
    paused = state()
    assert paused == (middle[0], "false", "Play", middle[3]) == later(10_000)
    button.click()
    assert int(later(1000)[0]) > int(middle[0])
    slider.press("ArrowLeft")  # the reader takes over
    assert state()[1] == "false" and later(10_000) == state()
    button.click()
    assert later(100_000)[:3] == (slider.get_attribute("max"), "false", "Play") and tab.clock


# Prose and hostile words


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_number_in_the_prose_has_a_name_in_the_run_and_the_reverse(page):
    cells = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```", SOURCES[page], re.MULTILINE | re.DOTALL)
    trees = [ast.parse(cell) for cell in cells if re.search(r"^:tags:.*numbers", cell, re.MULTILINE)]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [word.arg for call in calls if getattr(call.func, "id", "") == "glue" for word in call.keywords]
    used = re.findall(r"\{glue:text\}`(\w+)", SOURCES[page])
    assert len(names) == len(set(names))
    assert set(names) == set(used)


def hostile() -> Experiment:
    """An experiment in which every word is an attack."""
    knobs = {
        "number": Knob(HOSTILE, 1, (1, 2), 1, 2, unit=HOSTILE),
        "choice": Knob(HOSTILE, "a", ("a", "b"), names={"a": HOSTILE, "b": HOSTILE * 2}, group="rnn"),
    }

    def run(*, seeds, device, **settings) -> Result:
        return Result(knobs=settings, seeds=tuple(seeds), setup={"device": HOSTILE, "torch": HOSTILE, "seconds": 0.0})

    def draw(result, axes, own=None) -> None:
        axes[0].set_title(HOSTILE, gid="all/title")

    said = {"frame": HOSTILE, "all": HOSTILE}
    layers = {"frame": ("number",), "all": ("number", "choice")}
    return Experiment(
        "hostile", HOSTILE, knobs, run, draw, lambda result: said, layers, Result, lambda result: ["rnn", "lstm"]
    )


def live_html(experiment: Experiment) -> str:
    live = explore(experiment).live
    live._tell(ValueError(HOSTILE))
    return live.picture.value + live.error.value


FACES = {
    "page": lambda one: explorer_html(one, list(one.knobs), "number"),
    "still": lambda one: figure_html(one, one.measure()),
    "live": live_html,
    "verdict": lambda one: check("half-life", HOSTILE)._repr_html_(),
}


@pytest.mark.parametrize("face", FACES)
def test_hostile_words_are_only_words(visit, book, tmp_path, face):
    html = FACES[face](hostile())
    scripts = html.split('class="sl-data">')[1:]
    assert len(scripts) == (face == "page") and all(script.count("</") == 2 for script in scripts)  # only its own end
    place = tmp_path / "hostile.html"
    place.write_text(f"<!doctype html><meta charset=utf-8>{html}<script src={book}/_static/explorer.js></script>")
    tab = visit(place)
    for index in range(tab.locator("select").count()):
        tab.locator("select").nth(index).select_option(index=1)
    assert tab.locator("img").count() == 0
    assert HOSTILE in tab.locator("body").inner_text()
