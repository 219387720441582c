"""The playground in a real browser with the network off: every bar a forward pass, and equal to PyTorch's."""

import gzip
import json
import random
import re

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pages import in_theme
from sevenlenses.playground import page, weights
from sevenlenses.playground.reading import after_every_word, answers
from sevenlenses.playground.training import DIETS, MODELS, STEPS, recorded
from sevenlenses.tasks.sentences import CLAUSE, FIRST, OPENING, STOP, SUSPECTS, UNKNOWN, WORDS, Sentences

HOSTILE = '<img src=x onerror=alert(1)> </script><script>alert(2)</script> "quoted" javascript:alert(3)'
CLOSE = 1e-5
TASK = Sentences()


def drawn(dice: random.Random, length: int) -> list[str]:
    """A sentence of so many words; some of them nobody taught."""
    slots = [*((word,) for word in OPENING), SUSPECTS, *(CLAUSE[n % len(CLAUSE)] for n in range(page.LONGEST))]
    return [dice.choice(slots[n]) if dice.random() > 0.1 else "inspector" for n in range(length)]


# The engine


@pytest.fixture(scope="module")
def engine(browser, tmp_path_factory):
    """A page with the playground as a notebook has it: whole, with all recorded runs."""
    place = tmp_path_factory.mktemp("frame") / "frame.html"
    place.write_text(page.frame_html(), encoding="utf-8")
    context, complaints = browser.new_context(offline=True), []
    tab = context.new_page()
    tab.on("console", lambda said: complaints.append(said.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(place.as_uri())
    yield tab
    context.close()
    assert not complaints


READ = """([name, run, step, numbers]) => {
    const { data, sentences } = document.querySelector(".pg").playground;
    const stop = sentences.numbers.get(sentences.stop);
    const model = PlaygroundEngine.model(name, data.runs[run][name], step, sentences.words.length, stop);
    const { states, answers } = PlaygroundEngine.read(model, numbers);
    const plain = (gates) => gates.map((one) => Array.from(one ?? []));
    const after = states.slice(1);
    return {
        chances: plain(answers.map(({ chances }) => chances)),
        weights: answers.map(({ weights }) => plain(weights ?? [])),
        ...Object.fromEntries([..."hcifgo"].map((one) => [one, plain(after.map((state) => state[one]))])),
    };
}"""
INSIDE = {"i": "input", "f": "forget", "g": "candidate", "o": "output", "c": "cell"}


@pytest.mark.parametrize("length", [1, 4, 5, 12, 33, page.LONGEST])
@pytest.mark.parametrize("name", MODELS)
def test_the_engine_agrees_with_pytorch(engine, name, length):
    dice = random.Random(f"{name} {length}")
    for diet in DIETS:
        seed, step, words = dice.choice(weights.SEEDS), dice.choice(STEPS), drawn(dice, length)
        model = weights.model(recorded(name, diet), weights.load(diet, seed)[name][step])
        numbers = [WORDS.index(word if word in WORDS else UNKNOWN) for word in words]
        ours = engine.evaluate(READ, [name, f"{diet}-{seed}", step, numbers])
        assert np.abs(after_every_word(model, words) - ours["chances"]).max() < CLOSE
        assert np.abs(after_every_word(model.double(), words) - ours["chances"]).max() < 1e-9
        x = TASK.read([*words, STOP]).double()
        with torch.no_grad():
            trace = model(x, watch=True)
        if name == "attention":
            last = trace.inside["weights"][0, :, -1].numpy()  # of the stop: (heads, T + 1)
            assert np.abs(last - ours["weights"][-1]).max() < CLOSE
        else:
            assert np.abs(trace.states[0, :-1].numpy() - ours["h"]).max() < CLOSE
        for short, long in INSIDE.items() if name == "lstm" else ():
            assert np.abs(trace.inside[long][0, :-1].numpy() - ours[short]).max() < CLOSE


CREDIT = """([name, run, step, words, at]) => {
    const { data, sentences } = document.querySelector(".pg").playground;
    const numbers = words.map((word) => sentences.number(word)), stop = sentences.numbers.get(sentences.stop);
    const model = PlaygroundEngine.model(name, data.runs[run][name], step, sentences.words.length, stop);
    const reading = PlaygroundEngine.read(model, numbers);
    return [...PlaygroundEngine.credit(model, numbers, reading, at, (n) => sentences.others(words, n))];
}"""


@pytest.mark.parametrize("name", MODELS)
def test_credit_is_the_mean_fall_in_log_probability(engine, name):
    words, at = page.EXAMPLES["two clauses"].replace("guest", "inspector").split(), 11
    others = {"cook": SUSPECTS, "although": CLAUSE[0], "inspector": CLAUSE[2], "saw": CLAUSE[3], "tall": CLAUSE[5]}
    model = weights.model(recorded(name, "mixed"), weights.load("mixed", 1)[name][100]).double()

    def log_chances(words):
        return np.log(after_every_word(model, words)[at - 1])

    said = log_chances(words).argmax()
    expected = []
    for n, word in enumerate(words[:at]):
        instead = [other for other in others.get(word, (UNKNOWN,)) if other != word]
        falls = [log_chances(words)[said] - log_chances([*words[:n], o, *words[n + 1 :]])[said] for o in instead]
        expected.append(np.mean(falls))
    assert engine.evaluate(CREDIT, [name, "mixed-1", 100, words, at]) == pytest.approx(expected, abs=1e-8)


# The page


# The state, and by model what the table and the strips show of it.
HEIGHTS = """(models) => {
    const root = document.querySelector(".pg"), heights = (where) => models.map((name) =>
        [...root.querySelectorAll(`${where}.pg-${name}`)].map((one) => Number(one.style.getPropertyValue("--p"))));
    return [root.playground.state, heights(".pg-answers tbody "), heights(".pg-token .pg-strip")];
}"""


class OnPage:
    """The playground on an open page."""

    def __init__(self, tab):
        self.tab, self.root = tab, tab.locator(".pg")

    def set(self, name: str):
        return self.root.locator(f"[data-set={name}]")

    def says(self, name: str) -> str:
        return self.root.locator(f"[data-show={name}]").inner_text()

    def frame(self) -> None:
        self.tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def state(self) -> dict:
        return self.tab.evaluate("() => document.querySelector('.pg').playground.state")

    def bars(self) -> dict[str, list[float]]:
        """What the table shows, by model."""
        return dict(zip(MODELS, self.tab.evaluate(HEIGHTS, list(MODELS))[1], strict=True))

    def credit(self, name: str) -> list[float]:
        """The row of a model above the words."""
        how = "(all) => all.map((one) => Number(one.style.getPropertyValue('--p')))"
        return self.root.locator(f".pg-above.pg-{name}").evaluate_all(how)

    def agrees(self) -> bool:
        """Whether bars and strips are PyTorch's, to the four decimals that they are drawn with."""
        state, bars, strips = self.tab.evaluate(HEIGHTS, list(MODELS))
        now = answers(state["diet"], state["seed"], state["step"], state["words"])
        right = state["words"][FIRST - 1] if len(state["words"]) >= FIRST else None
        ok = True
        for name, shown, strip in zip(MODELS, bars, strips, strict=True):
            ok &= np.abs(now[name][state["at"] - 1] - shown).max() < 6e-5
            chances = now[name][:, SUSPECTS.index(right)] if right in SUSPECTS else now[name].max(-1)
            chances = np.where(np.arange(len(chances)) < state["at"], chances, 0.0)
            ok &= np.abs(chances - strip).max() < 6e-5
        return ok


@pytest.fixture
def here(visit):
    """A function that opens the playground's page, at an address if one is given."""

    def open_page(address: str = "", **options) -> OnPage:
        tab = visit("book/playground", **options)
        tab.wait_for_selector(".pg-awake")
        if address:
            tab.evaluate("(hash) => { window.location.hash = hash; }", address)
        shown = OnPage(tab)
        shown.frame()
        return shown

    return open_page


def test_without_javascript_the_table_shows_the_first_state(here, visit):
    plain = visit("book/playground", java_script_enabled=False)
    shown = here()
    assert plain.locator(".pg noscript p").is_visible()
    assert plain.locator(".pg-answers").inner_text() == shown.root.locator(".pg-answers").inner_text()
    how = "(all) => all.map((one) => one.className + one.style.cssText)"
    cells = [tab.locator(".pg-answers td").evaluate_all(how) for tab in (plain, shown.tab)]
    assert cells[0] == cells[1]
    assert shown.agrees()


def test_a_typed_sentence_is_read_at_once_and_strange_words_are_marked(here):
    shown = here()
    shown.set("text").fill("The DETECTIVE suspects, the sailor; but the inspector saw... the old maid!")
    shown.frame()
    assert " ".join(shown.state()["words"]) == "the detective suspects the sailor but the inspector saw the old maid"
    assert shown.agrees()
    assert "inspector" in shown.says("unknown")
    strange = shown.root.locator("button.pg-unknown")
    assert strange.all_inner_texts() == ["inspector"]
    assert strange.get_attribute("aria-label") == "word 8: inspector, a word the networks do not know"
    assert strange.evaluate("(one) => getComputedStyle(one, '::after').content") == '" ?"'
    shown.set("text").fill("the detective suspects nobody at all")
    shown.frame()
    assert shown.agrees() and "✓" not in shown.root.locator(".pg-answers thead").inner_text()


def test_the_keyboard_steps_word_by_word(here):
    shown = here()
    shown.root.locator(".pg-token button").nth(4).focus()
    words = shown.state()["words"]
    keys = {"ArrowRight": 6, "End": 19, "ArrowLeft": 18, "Home": 1}
    for key, at in [*keys.items(), ("ArrowLeft", 1), ("End", 19), ("ArrowRight", 19)]:
        shown.tab.keyboard.press(key)
        shown.frame()
        assert shown.state()["at"] == at and shown.agrees()
        assert shown.tab.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
        assert shown.tab.evaluate("document.activeElement.ariaLabel") == f"word {at}: {words[at - 1]}"
        assert shown.root.locator(".pg-token button[tabindex='0']").count() == 1
        assert shown.says("now").startswith(f"After word {at}, “\u2068{words[at - 1]}\u2069”: RNN says ")


def test_dragging_through_training_shows_every_stop(here):
    shown = here()
    shown.set("at").press("End")
    for index, step in enumerate(STEPS):
        shown.set("step").fill(str(index))
        shown.frame()
        assert shown.state()["step"] == step and shown.agrees()
        assert shown.set("step").get_attribute("aria-valuetext") == f"{step} steps"


def test_the_word_of_a_change_of_mind_is_marked_and_said(here):
    shown = here()
    state = shown.state()
    names = [
        SUSPECTS[n] for n in answers(state["diet"], state["seed"], state["step"], state["words"])["rnn"].argmax(-1)
    ]
    at = next(n for n in range(FIRST, len(names)) if names[n] != names[n - 1])
    turns = shown.root.locator(".pg-strip.pg-rnn.pg-turn")
    shown.set("at").fill(str(at))
    shown.frame()
    assert turns.count() == 0 and "holds it so far" in shown.says("minds").splitlines()[0]
    shown.set("at").fill(str(at + 1))
    shown.frame()
    assert turns.all_inner_texts() == [names[at]]
    assert f"changes its mind at word {at + 1}: {names[at - 1]} → {names[at]}" in shown.says("minds").splitlines()[0]


FRAMES = """async ([name, values]) => {
    const root = document.querySelector(".pg"), view = root.playground;
    const control = root.querySelector(`[data-set=${name}]`);
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const render = view.render.bind(view);
    let renders = 0;
    view.render = () => { renders += 1; render(); };
    const counts = [];
    for (const value of values) {
        await frame();
        renders = 0;
        for (const each of [values[0], value]) { // two moves before one frame
            control.value = each;
            control.dispatchEvent(new Event("input", { bubbles: true }));
        }
        const before = root.querySelector(".pg-answers").textContent + root.querySelector(".pg-words").innerHTML;
        await frame(); // asked for after the move: the first frame that can show it
        const after = root.querySelector(".pg-answers").textContent + root.querySelector(".pg-words").innerHTML;
        counts.push([renders, before !== after]);
    }
    return counts;
}"""


@pytest.mark.parametrize("view", page.VIEWS)
@pytest.mark.parametrize(("control", "values"), [("step", [0, 3, 6, 2, 5]), ("at", [5, 19, 7, 12, 33])])
def test_a_move_is_drawn_in_the_next_frame_and_once(here, view, control, values):
    shown = here(f"view={view}&at=6&words={page.EXAMPLES['four clauses'].replace(' ', '+')}")
    for count, changed in shown.tab.evaluate(FRAMES, [control, values])[1:]:
        assert count == 1 and changed


SLOW = "() => { let now = 0; performance.now = () => (now += 2); }"  # a slice of a frame is over after two words
WAITS = "document.querySelector('[data-show=view]').innerText.includes('being computed')"


def test_credit_follows_in_later_frames_and_what_is_stale_is_dropped(here):
    words = drawn(random.Random(1), page.LONGEST)
    shown = here(f"view=credit&at=5&words={'+'.join(words)}")
    shown.tab.wait_for_function(f"!{WAITS}")
    shown.tab.evaluate(SLOW)
    for at in (61, 40):  # the second comes before the first is known
        shown.set("at").fill(str(at))
        shown.frame()
        assert shown.agrees() and shown.tab.evaluate(WAITS)
        assert set(shown.credit("attention")) == {0.0}
    shown.tab.wait_for_function(f"!{WAITS}")
    shown.tab.wait_for_timeout(1000)  # the first would have been known by now
    assert "after word 40:" in shown.says("view")
    state = shown.state()
    for name in MODELS:
        asked = [name, f"{state['diet']}-{state['seed']}", state["step"], words, 40]
        falls = np.abs([*shown.tab.evaluate(CREDIT, asked), *[0.0] * 21])
        assert np.abs(falls / max(0.1, falls.max()) - shown.credit(name)).max() < 6e-5
    shown.set("at").fill("39")
    shown.set("at").fill("40")
    shown.frame()
    assert not shown.tab.evaluate(WAITS)  # known by now


def test_credit_of_a_word_without_rivals_is_set_apart(here):
    shown = here("view=credit&at=19")
    shown.tab.wait_for_function(f"!{WAITS}")
    outlined = shown.root.locator(".pg-token:has(.pg-lone) button").all_inner_texts()
    assert outlined == ["the", "detective", "suspects", "the", "the", "the", "the", "the"]
    # The strange word's bar is higher in the RNN.
    assert shown.says("view").count("most to word 5, “\u2068cook\u2069”") == 3
    for name in MODELS:
        assert max(shown.credit(name)) == 1.0  # each on its own scale
    shown.set("at").fill("4")
    shown.frame()
    shown.tab.wait_for_function(f"!{WAITS}")
    assert "So far no word has others in its slot" in shown.says("view")


def test_of_the_seeds_it_is_told_which_hold(here):
    shown = here()
    shown.root.locator(".pg-seeds").scroll_into_view_if_needed()
    shown.tab.wait_for_function("!document.querySelector('.pg-seeds').innerText.includes('…')")
    shown.set("at").press("End")
    shown.frame()
    state = shown.state()
    rows = shown.root.locator(".pg-seeds tbody tr")
    for row, name in enumerate(MODELS):
        told = rows.nth(row).locator("td span").all_inner_texts()
        for seed, words in zip(weights.SEEDS, told, strict=True):
            chances = answers(state["diet"], seed, state["step"], state["words"])[name]
            said = [SUSPECTS[n] for n in chances.argmax(-1)][FIRST - 1 :]
            lost = next((n for n, each in enumerate(said) if each != "cook"), None)
            assert words == ("✓ holds" if lost is None else "✗ wrong" if lost == 0 else f"✗ flips at {lost + FIRST}")
    shown.root.get_by_role("button", name="seed 2").click()
    shown.frame()
    assert shown.state()["seed"] == 2 and shown.agrees()


NO_TIME = """() => {
    let now = 0;
    window.passing = 1000;  // of the clock, from one look to the next: every slice is over at once
    performance.now = () => (now += window.passing);
    window.told = [];
    const caption = document.querySelector(".pg-seeds caption");
    const seen = new MutationObserver(() => window.told.push(caption.textContent));
    seen.observe(caption, { childList: true, subtree: true });
}"""


def test_other_seeds_follow_in_later_frames_and_what_is_stale_is_dropped(here):
    shown = here("step=0")
    shown.root.locator(".pg-seeds").scroll_into_view_if_needed()
    shown.tab.wait_for_function("!document.querySelector('.pg-seeds').innerText.includes('…')")
    shown.tab.evaluate(NO_TIME)
    for step in (100, 800):  # the second comes before the first is known
        shown.set("step").fill(str(STEPS.index(step)))
        shown.frame()
        assert shown.agrees() and shown.tab.evaluate("window.told") == []
    shown.tab.evaluate("() => { window.passing = 0; }")
    shown.tab.wait_for_function("window.told.length")
    shown.frame()
    assert [re.search(r"after (\d+) training steps", told)[1] for told in shown.tab.evaluate("window.told")] == ["800"]


def test_every_control_of_the_sentence_works(here):
    shown = here()
    shown.set("length").fill("61")
    shown.frame()
    assert len(shown.state()["words"]) == 61 and shown.agrees()
    shown.set("length").fill("7")
    shown.frame()
    assert " ".join(shown.state()["words"]) == "the detective suspects the cook although the" and shown.agrees()
    shown.set("word").select_option("inspector")
    shown.frame()
    assert shown.root.locator("button.pg-unknown").count() == 1
    shown.root.get_by_role("button", name="Another sentence").click()
    shown.frame()
    assert len(shown.state()["words"]) == 7 and shown.agrees()
    for label, text in page.EXAMPLES.items():
        shown.set("example").select_option(label=label)
        shown.frame()
        assert shown.state()["words"] == text.split() and shown.agrees()
    shown.set("diet").select_option("19")
    shown.tab.wait_for_function("globalThis.playgroundRuns?.['19-4']")
    shown.frame()
    assert shown.agrees()


def test_play_reads_on_pauses_and_ends(here):
    shown = here()
    shown.tab.clock.install()
    button = shown.root.get_by_role("button", name="Play")
    button.click()
    shown.tab.clock.run_for(1000)
    assert 5 < shown.state()["at"] < 10
    pause = shown.root.get_by_role("button", name="Pause")
    assert pause.get_attribute("aria-pressed") == "true"
    pause.click()
    at = shown.state()["at"]
    shown.tab.clock.run_for(5000)
    assert shown.state()["at"] == at
    button.click()
    shown.tab.clock.run_for(60_000)
    assert shown.state()["at"] == 19 and button.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize("width", [1280, 360])
def test_play_shows_the_word_that_it_reads(here, width, motion):
    shown = here(width=width, reduced_motion=motion)
    shown.tab.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    shown.tab.evaluate("document.querySelector('[data-do=play]').click()")
    shown.tab.wait_for_function("document.querySelector('.pg').playground.state.at === 19")
    shown.tab.wait_for_timeout(600)  # a smooth scroll is over
    seen = "(one) => { const { top, bottom } = one.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }"
    assert shown.root.locator(".pg-now").evaluate(seen)
    if width > 1000:
        assert shown.root.locator("[data-show=minds]").evaluate(seen)
        before = shown.tab.evaluate("scrollY")
        shown.root.get_by_role("button", name="Play").click()
        shown.tab.wait_for_timeout(1000)
        assert shown.tab.evaluate("scrollY") == before  # all is in sight


def test_another_sentence_is_never_shorter_than_a_whole_one(here):
    shown = here("words=cook")
    shown.root.get_by_role("button", name="Another sentence").click()
    shown.frame()
    words = shown.state()["words"]
    assert words[: FIRST - 1] == list(OPENING) and words[FIRST - 1] in SUSPECTS and len(words) == FIRST


# Addresses


def test_the_address_holds_the_state_and_brings_it_back(here):
    shown = here()
    shown.set("text").fill("the detective suspects the doctor although the inspector's cat saw the maid")
    shown.set("step").fill("5")
    shown.set("seed").select_option("2")
    shown.root.get_by_label("credit").check()
    shown.set("at").fill("9")
    shown.tab.wait_for_timeout(400)
    state, address = shown.state(), shown.tab.evaluate("window.location.hash")
    assert state["seed"] == 2 and state["step"] == 400 and state["view"] == "credit" and state["at"] == 9
    again = here(address)
    assert again.state() == state
    again.tab.wait_for_function("globalThis.playgroundRuns?.['mixed-2']")
    again.frame()
    assert again.agrees()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("seed=99&step=1e9&at=1e9", {"seed": 4, "step": 800, "at": 19}),
        ("seed=-7&step=-1&at=-1", {"seed": 0, "step": 0, "at": 1}),
        ("seed=NaN&step=Infinity&at=-Infinity", {"seed": 4, "step": 800, "at": 1}),
        ("seed=&step=&at=", {"seed": 4, "step": 200, "at": 5}),
        ("seed=1.4&step=260&at=6.5", {"seed": 1, "step": 200}),
        ("seed=[object]&step=__proto__&at=0x5", {"seed": 4, "step": 200, "at": 5}),
        ("diet=__proto__&view=constructor", {"diet": "mixed", "view": "gates"}),
        ("diet=<script>&view=<b>", {"diet": "mixed", "view": "gates"}),
        ("words=", {"words": page.START["words"]}),
        ("words=...+!!!", {"words": page.START["words"]}),
        ("words=%E0%A4%A", {}),
        (f"words={'maid+' * 5000}", {"words": ["maid"] * page.LONGEST}),
        (f"words={'a' * 100_000}", {"words": ["a" * 24]}),
        (f"at=3&words={HOSTILE}", {"at": 3}),
        ("words=MAID%00%0AMaid%E2%80%AEmaid", {"words": ["maid"] * 3}),
        ("seed=3&seed=1&at=2&at=4", {"seed": 3, "at": 2}),
        ("#&&&=&=seed&step", {"step": 200}),
    ],
)
def test_hostile_addresses_are_brought_into_range(here, address, expected):
    shown = here(address)
    state = shown.state()
    assert state | expected == state
    assert set(state) == {"diet", "seed", "step", "view", "at", "words"}
    assert 1 <= state["at"] <= len(state["words"]) <= page.LONGEST
    assert shown.root.locator("img").count() == 0
    shown.tab.wait_for_function(
        "({ diet, seed }) => document.querySelector('.pg').playground.run(diet, seed)", arg=state
    )
    shown.frame()
    assert shown.agrees()


def test_hostile_text_stays_text(here):
    shown = here()
    shown.set("text").fill(HOSTILE)
    for view in page.VIEWS:
        shown.root.locator(f"input[value={view}]").check()
        shown.frame()
        for at in ("1", "2", str(len(shown.state()["words"]))):
            shown.set("at").fill(at)
            shown.frame()
    assert shown.root.locator("img, b > *, .pg-words script, .pg-said script").count() == 0
    assert shown.agrees()
    shown.tab.wait_for_timeout(400)  # the address is written
    assert "<" not in shown.tab.evaluate("window.location.hash")
    again = here(shown.tab.evaluate("window.location.hash"))
    assert again.state() == shown.state()


def test_another_anchor_is_not_taken_for_a_state(here):
    shown = here()
    before = shown.state()
    shown.tab.evaluate("window.location.hash = '#try-it'")
    shown.frame()
    assert shown.state() == before


def test_weights_that_cannot_be_loaded_are_named_and_the_last_picture_stays(browser, book):
    with browser.new_context(offline=True) as context:
        context.route("**/mixed-1.js", lambda asked: asked.abort())
        tab = context.new_page()
        tab.goto((book / "book/playground.html").as_uri())
        tab.wait_for_selector(".pg-awake")
        shown = OnPage(tab)
        before = shown.bars()
        shown.set("seed").select_option("1")
        expect(shown.root.get_by_role("alert")).to_contain_text("The weights of seed 1 could not be loaded")
        assert shown.bars() == before


# Narrow screens and other readers

LONGEST = "the detective suspects the gardener " + " ".join(
    ["although the guard passed the young gardener"] * 7 + ["unbelievably-long-and-strange-word" * 3, "the"]
)


@pytest.mark.parametrize("view", page.VIEWS)
@pytest.mark.parametrize("text", [LONGEST, "cook", "the detective suspects the cook"])
def test_a_phone_never_scrolls_sideways(here, view, text):
    shown = here(f"view={view}&at=61&step=25&words={text.replace(' ', '+')}", width=320)
    shown.root.locator(".pg-seeds").scroll_into_view_if_needed()
    shown.tab.wait_for_function("!document.querySelector('.pg-seeds').innerText.includes('…')")
    assert shown.tab.evaluate("document.documentElement.scrollWidth") == 320
    beside = """() => [...document.querySelectorAll(".pg, .pg *")].filter((one) => {
        const { left, right } = one.getBoundingClientRect();
        return left < 0 || right > document.documentElement.clientWidth;
    }).map((one) => one.outerHTML.slice(0, 100))"""
    assert shown.tab.evaluate(beside) == []


FULL = f"{LONGEST} but the clerk heard the"  # as many words as are read

# For each line, what is seen beside its first word, at the height of each row; and how many keys reach into sight.
LABELS = """() => {
    const lines = new Map();
    for (const token of document.querySelectorAll(".pg-token")) {
        const { top } = token.getBoundingClientRect();
        if (!lines.has(top)) lines.set(top, token);
    }
    const beside = document.querySelector(".pg-keys").getBoundingClientRect();
    const shown = [...lines.values()].map((token) => {
        token.scrollIntoView({ block: "center", behavior: "instant" });
        return [...token.querySelectorAll(".pg-cell")].map((cell) => {
            const row = cell.getBoundingClientRect();
            const found = document.elementFromPoint(row.left - beside.width + 3, (row.top + row.bottom) / 2);
            const label = found.getBoundingClientRect();
            const fits = Math.abs(label.top - row.top) < 0.5 && Math.abs(label.bottom - row.bottom) < 0.5;
            return fits && label.right <= row.left && found.scrollWidth <= found.clientWidth && found.textContent;
        });
    });
    const { bottom } = document.querySelector(".pg-keys").getBoundingClientRect();
    const keys = [...document.querySelectorAll(".pg-key")];
    return [shown, keys.filter((key) => key.getBoundingClientRect().top < bottom).length];
}"""


@pytest.mark.parametrize("view", page.VIEWS)
@pytest.mark.parametrize(("width", "least"), [(1400, 4), (360, 10)])
def test_every_line_of_a_long_sentence_has_the_labels_of_its_rows(here, view, width, least):
    shown = here(f"view={view}&at=61&words={FULL.replace(' ', '+')}", width=width)
    labels = [row["label"] for row in page.VIEWS[view]["rows"]] + list(page.LABELS.values())
    lines, keys = shown.tab.evaluate(LABELS)
    assert shown.root.locator(".pg-token").count() == page.LONGEST
    assert len(lines) >= least and lines == [labels] * len(lines) and keys == len(lines)
    shown.root.evaluate("(one) => { one.style.width = '17rem'; }")  # as narrow as that, all breaks elsewhere
    again, keys = shown.tab.evaluate(LABELS)
    assert again == [labels] * len(again) and keys == len(again) != len(lines)
    assert labels[0] not in shown.root.locator(".pg-words").aria_snapshot()  # the rows are told in words, once


PLACES = """async (stops) => {
    const root = document.querySelector(".pg"), control = root.querySelector("[data-set=at]"), seen = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    for (const at of stops) {
        control.value = at;
        control.dispatchEvent(new Event("input", { bubbles: true }));
        await frame().then(frame);
        const places = [...root.querySelectorAll(".pg-token")].map((one) => [one.offsetLeft, one.offsetTop]).join(" ");
        seen.push([places, [...root.querySelectorAll(".pg-turn")].map((one) => one.innerText)]);
    }
    return seen;
}"""


@pytest.mark.parametrize("width", [1400, 360])
def test_no_word_moves_while_a_sentence_is_read(here, width):
    shown = here(f"at=1&words={FULL.replace(' ', '+')}", width=width)
    places, names = set(), set()
    for step in (0, 25, 200):
        shown.set("step").fill(str(STEPS.index(step)))
        for place, turns in shown.tab.evaluate(PLACES, list(range(1, page.LONGEST + 1, 3))):
            places.add(place)
            names.update(turns)
    assert len(places) == 1 and len(names) > 3  # names come and go
    room = "(all) => all.every((one) => one.scrollWidth <= one.clientWidth)"
    assert shown.root.locator(".pg-turn").evaluate_all(room)


@pytest.mark.parametrize("view", page.VIEWS)
def test_axe_finds_nothing_in_any_view(here, view):
    shown = here(f"view={view}&at=9&step=50&words=the+detective+suspects+the+cook+but+the+inspector+saw+it")
    shown.root.locator(".pg-seeds").scroll_into_view_if_needed()
    shown.tab.wait_for_function("!document.querySelector('.pg-seeds').innerText.includes('…')")
    options = {"preload": False, "resultTypes": ["violations"]}
    for theme in ("light", "dark"):
        in_theme(shown.tab, theme)
        found = Axe().run(shown.tab, options=options).response
        assert found["passes"]
        assert [(rule["id"], node["target"]) for rule in found["violations"] for node in rule["nodes"]] == []
        options["runOnly"] = ["color-contrast"]  # all else is the same in both


def test_every_control_has_a_name_and_nothing_moves_by_itself(here):
    shown = here(reduced_motion="reduce")
    for control in shown.root.locator("input, select, textarea, button").all():
        assert control.evaluate(
            "(one) => one.ariaLabel || one.labels?.[0]?.textContent.trim() || one.textContent.trim()"
        )
    assert shown.tab.evaluate("document.querySelector('.pg').getAnimations({ subtree: true }).length") == 0


def test_the_page_carries_no_more_than_promised(book):
    html = (book / "book/playground.html").read_bytes()
    own = [book / "_static/playground" / name for name in ("playground.css", *page.SCRIPTS)]
    first = len(gzip.compress(html)) + sum(len(gzip.compress(path.read_bytes())) for path in own)
    others = [book / "_static/playground" / name for name in page.scripts()]
    assert first <= 200e3
    assert all(len(gzip.compress(path.read_bytes())) <= 110e3 for path in others)
    data = json.loads(re.search(rb'class="pg-data">(.*?)</script>', html, re.DOTALL)[1])
    assert list(data["runs"]) == [f"{page.START['diet']}-{page.START['seed']}"]
