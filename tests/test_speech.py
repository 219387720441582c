"""What live regions say: nothing while something plays or is dragged, and then only what has changed."""

import re

import pytest

from pages import OnPage

RESTS = 2000  # milliseconds
# All that is said from now on. An <output> is a live region, unless it says otherwise.
LISTEN = """() => {
    const regions = "[aria-live=polite], [aria-live=assertive]," +
        ["output", "[role=status]", "[role=alert]", "[role=log]"].map((one) => `${one}:not([aria-live])`).join();
    window.heard = [];
    const seen = new MutationObserver((changes) => changes.forEach(({ type, target, addedNodes }) => {
        const region = (target.closest ? target : target.parentElement)?.closest(regions);
        const said = type === "characterData" ? target.data : [...addedNodes].map((one) => one.textContent).join("");
        if (region && said.trim()) window.heard.push(said.trim());
    }));
    seen.observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


def sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.?!])\s+(?=[A-Z])|\n", text) if part.strip()]


class Ears:
    """A page that is listened to, with a clock of its own."""

    def __init__(self, tab, told: str):
        self.tab, self.where = tab, told
        tab.clock.install()
        tab.reload()  # so that the page has no other clock
        tab.clock.run_for(RESTS)
        tab.evaluate(LISTEN)
        self.before = self.told()

    def told(self) -> list[str]:
        """All that can be read of the picture."""
        return [one for text in self.tab.locator(self.where).all_text_contents() for one in sentences(text)]

    def later(self, milliseconds: int) -> list[str]:
        """What has been said after so long."""
        self.tab.clock.run_for(milliseconds)
        return self.tab.evaluate("window.heard")

    def rests(self) -> None:
        """Now that nothing moves, what is new is said at once, and nothing else."""
        now = self.told()
        new = [one for one in now if one not in self.before]
        assert new and self.later(RESTS) == [" ".join(new)]
        assert self.later(10 * RESTS) == [" ".join(new)]
        self.before = now
        self.tab.evaluate("window.heard.length = 0")


def test_an_explorer_that_plays_is_silent_until_it_rests(visit):
    tab = visit("book/index")
    explorer = OnPage(tab, 0)
    ears = Ears(tab, ".sl-explorer .sl-said > span")
    tab.locator(".sl-play").click()
    first = explorer.shown()[1]
    assert ears.later(1500) == [] and explorer.shown()[1] != first  # in sight the words follow at once
    tab.locator(".sl-play").click()
    ears.rests()


@pytest.mark.parametrize("index", range(2))
def test_an_explorer_that_is_dragged_is_silent_until_it_rests(visit, index):
    tab = visit("book/gradient")
    explorer = OnPage(tab, index)
    ears = Ears(tab, f"#{explorer.root.get_attribute('id')} .sl-said > span")
    for name in explorer.controls:  # each changes what only some of the sentences say
        stops = explorer.knob(name).stops
        for value in [*stops, *stops[-2::-1], next(one for one in stops if one != explorer.knob(name).default)]:
            explorer.turn(name, value)
            assert ears.later(100) == []
        ears.rests()


MINDS = ".pg [data-show=now], .pg [data-show=minds] li"
MOVES = {
    "words": [("at", value) for value in ("7", "8", "12", "19")],
    "training": [("step", value) for value in ("0", "3", "6", "5")],
    "typing": [("text", "the detective suspects the maid"[:end]) for end in range(24, 32)],
    "length": [("at", "19"), *(("length", value) for value in ("25", "30", "8"))],
}


@pytest.mark.parametrize("moves", MOVES)
def test_the_playground_is_silent_until_it_rests(visit, moves):
    tab = visit("book/playground")
    ears = Ears(tab, MINDS)
    for name, value in MOVES[moves]:
        tab.locator(f".pg [data-set={name}]").fill(value)
        assert ears.later(100) == []
    ears.rests()


def test_the_playground_is_silent_while_it_plays(visit):
    tab = visit("book/playground")
    ears = Ears(tab, MINDS)
    tab.get_by_role("button", name="Play").click()
    for _ in range(5):
        assert ears.later(1000) == []
    tab.get_by_role("button", name="Pause").click()
    ears.rests()


def test_what_is_as_before_is_not_said_again(visit):
    tab = visit("book/playground")
    ears = Ears(tab, MINDS)
    for value in ("9", "5"):
        tab.locator(".pg [data-set=at]").fill(value)
    assert ears.later(RESTS) == []
