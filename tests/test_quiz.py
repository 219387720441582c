"""The question bank: what its files must be, what the reader sees of a question, and where the book asks it."""

import html
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import SOURCES
from sevenlenses.quiz import BankError, Card, Choice, Question, ask, bank, read
from sevenlenses.quiz.bank import collect
from sevenlenses.quiz.words import Unreadable, to_html

QUESTIONS = bank()
ASKED = [name for source in SOURCES.values() for name in re.findall(r"^ask\(\"([^\"]+)\"\)", source, re.MULTILINE)]

GOOD = """
[[question]]
id = "good"
stem = "What?"
[[question.choices]]
text = "this"
right = true
feedback = "yes"
[[question.choices]]
text = "that"
feedback = "no"
[[question.choices]]
text = "neither"
feedback = "no"
"""

# Files


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("id =", "id"), "TOML"),
        (("[[question]]", "[[questions]]"), "'questions'"),
        (("[[question]]", "[question]"), "a list of tables"),
        (('id = "good"\n', ""), "there is no 'id'"),
        (('id = "good"', 'id = "Good one"'), "'Good one'"),
        (("What?", "  "), "'stem' is text, and not empty"),
        (('"What?"', "7"), "'stem' is text, and not empty; got 7"),
        (("What?", "What costs $5?"), "'$' has no partner"),
        (("What?", r"What is \\foo? $\\foo$"), "a command that is not known"),
        (("that", "th`at"), "'`' has no partner"),
        (("that", "this"), "'this' twice"),
        (('feedback = "yes"\n', ""), "good, choice 1: there is no 'feedback'"),
        (('feedback = "yes"', 'feedback = ""'), "good, choice 1: 'feedback' is text, and not empty"),
        (('feedback = "yes"', 'feedback = "yes"\nremark = "x"'), "'remark'"),
        (("right = true\n", ""), "exactly one choice has `right = true`; got 0"),
        (('text = "that"', 'text = "that"\nright = true'), "exactly one choice has `right = true`; got 2"),
        (("right = true", 'right = "true"'), "`right` is true or false; got 'true'"),
        (('[[question.choices]]\ntext = "neither"\nfeedback = "no"\n', ""), "3 to 5 choices; got 2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_breaks_a_rule_is_refused_by_name(tmp_path, change, said):
    path = tmp_path / "chapter.toml"
    path.write_text(GOOD)
    assert [question.id for question in read(path)] == ["good"]
    assert GOOD.count(change[0])
    path.write_text(GOOD.replace(*change, 1))
    with pytest.raises(BankError, match=f"^chapter.toml: .*{re.escape(said)}"):
        read(path)


def test_six_choices_are_too_many(tmp_path):
    extra = "".join(f'[[question.choices]]\ntext = "{n}"\nfeedback = "no"\n' for n in range(3))
    (path := tmp_path / "chapter.toml").write_text(GOOD + extra)
    with pytest.raises(BankError, match="3 to 5 choices; got 6"):
        read(path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (path := tmp_path / "chapter.toml").write_bytes(GOOD.encode() + b'# \xff"')
    with pytest.raises(BankError, match=r"^chapter.toml: .*UTF-8"):
        read(path)


def test_an_id_is_unique_over_all_files(tmp_path):
    paths = [tmp_path / name for name in ("one.toml", "two.toml")]
    for path in paths:
        path.write_text(GOOD)
    with pytest.raises(BankError, match=r"two\.toml: .*'good' is in one\.toml too"):
        collect(paths)


# What the reader sees


class Seen(HTMLParser):
    """Tags in order, the text, and the text inside each summary and each feedback."""

    def __init__(self, markup: str):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.within = {"summary": [], "p": []}
        self.feed(markup)
        assert not self.open  # every tag is closed

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.open.append(tag)
        if tag in self.within:
            self.within[tag].append("")

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        for tag in self.within.keys() & set(self.open):
            self.within[tag][-1] += data


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=list(QUESTIONS))
def test_a_card_shows_the_stem_and_each_choice_with_its_feedback(question, monkeypatch):
    monkeypatch.setenv("SEVENLENSES_FACE", "page")
    seen = Seen(Card(question)._repr_html_())
    assert "script" not in seen.tags and "style" not in seen.tags
    assert seen.tags.count("details") == len(question.choices) == len(seen.within["summary"])
    stem, *feedback = seen.within["p"]
    assert stem.startswith("Check yourself. ")
    assert [said.startswith("✓ Right. ") for said in feedback] == [choice.right for choice in question.choices]
    assert [said.startswith("✗ Not this one. ") for said in feedback] == [not one.right for one in question.choices]


def test_nothing_outside_the_folded_part_tells_which_is_right(monkeypatch):
    """The same card with another right answer differs inside the feedback only."""
    monkeypatch.setenv("SEVENLENSES_FACE", "page")

    def folded(right: int) -> str:
        choices = tuple(Choice(f"choice {n}", "because", n == right) for n in range(3))
        return re.sub(r"<p class=\"sl-feedback.*?</p>", "", Card(Question("some", "Which?", choices))._repr_html_())

    assert folded(0) == folded(1) == folded(2)


def test_in_a_notebook_a_card_brings_its_style(monkeypatch):
    monkeypatch.delenv("SEVENLENSES_FACE", raising=False)
    card = ask("q01")
    assert card._repr_html_().startswith("<style>") and ".sl-ask" in card._repr_html_()
    assert repr(card).splitlines()[0] == QUESTIONS["q01"].stem


def test_an_unknown_question_is_refused_with_its_neighbours():
    with pytest.raises(ValueError, match=r"there is no question 'q0l'; did you mean q\d\d or"):
        ask("q0l")


@given(st.text(alphabet=st.characters(exclude_characters="`*_$\r\n\0", exclude_categories=["Cs"])))
def test_text_stays_text(text):
    assert html.unescape(to_html(text)) == text
    assert not re.search('[<>"]', to_html(text))


@given(st.text(alphabet="ab<>&\"'`* 1", max_size=30))
def test_marks_make_tags_that_are_closed_and_hold_no_others(text):
    try:
        made = to_html(text)
    except Unreadable:
        return
    assert set(Seen(made).tags) <= {"code", "em", "strong"}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("`a < b`", "<code>a &lt; b</code>"),
        ("*so* **very *much* so**", "<em>so</em> <strong>very <em>much</em> so</strong>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("$h_t$", "<msub><mi>h</mi><mi>t</mi></msub>"),
        (r"$\frac{1}{2}$", "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>"),
        (r"$o \odot \tanh(c)$", "<mi>o</mi><mo>&#x02299;</mo><mi>tanh</mi>"),
    ],
)
def test_markdown_and_mathematics(text, made):
    assert made in to_html(text)
    assert ("<math" in to_html(text)) == ("$" in text)


@pytest.mark.parametrize("text", ["$x", "`x", r"$\foo$", "$x_$", "$x}$", "${x$", "$x^2^3$"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(Unreadable):
        to_html(text)


# Where the book asks


def test_the_book_asks_every_question_once():
    assert Counter(ASKED) == Counter(list(QUESTIONS))


def test_the_right_answer_is_not_always_at_one_place():
    places = Counter([choice.right for choice in one.choices].index(True) for one in QUESTIONS.values())
    assert len(places) >= 3
    assert max(places.values()) <= len(QUESTIONS) / 2


def test_the_right_answer_is_not_given_away_by_its_length():
    """Over the book, the longest choice is right about as often as a guess would be."""
    longest = sum(max(one.choices, key=lambda choice: len(choice.text)).right for one in QUESTIONS.values())
    assert longest <= len(QUESTIONS) / 2


# In a browser

ASKING = [page for page, source in SOURCES.items() if re.search(r"^ask\(", source, re.MULTILINE)]


SEEN = """(card) => [...card.querySelectorAll(".sl-feedback")].filter((one) => one.checkVisibility())
    .map((one) => one.innerText)"""


def try_every_choice(tab):
    """Open each choice by keyboard: its feedback shows, and nothing else of the card's."""
    for card in tab.query_selector_all(".sl-ask"):
        question = QUESTIONS[card.get_attribute("id").removeprefix("ask-")]
        assert card.evaluate(SEEN) == []
        for choice, summary in zip(question.choices, card.query_selector_all("summary"), strict=True):
            summary.press("Enter")
            (shown,) = card.evaluate(SEEN)
            assert shown.startswith("✓ Right. " if choice.right else "✗ Not this one. ")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("page", ASKING)
def test_a_choice_opens_its_feedback(visit, page, scripts):
    tab = visit(page, java_script_enabled=scripts)
    if scripts:  # code is folded by a script: an unfolded page shows the same
        tab.evaluate("document.querySelectorAll('details.hide').forEach((one) => one.open = true)")
    assert tab.locator(".sl-ask").count() == len(re.findall(r"^ask\(", SOURCES[page], re.MULTILINE))
    try_every_choice(tab)


def test_a_card_by_itself_works_and_fits(browser, tmp_path, monkeypatch):
    """As a notebook shows it: with its own style, on a narrow screen, without scripts."""
    monkeypatch.delenv("SEVENLENSES_FACE", raising=False)
    cards = "".join(Card(question)._repr_html_() for question in QUESTIONS.values())
    page = f'<meta charset="utf-8"><title>cards</title>{cards}'
    (path := tmp_path / "cards.html").write_text(page, encoding="utf-8")
    context = browser.new_context(offline=True, java_script_enabled=False, viewport={"width": 360, "height": 800})
    tab = context.new_page()
    tab.goto(path.as_uri())
    try_every_choice(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
