"""Exported files as learning platforms read them: what a student would see, and which answer is right."""

import csv
import io
import re
import zipfile
from decimal import Decimal
from functools import cache
from html import escape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from latex2mathml.converter import convert
from lxml import etree

SCHEMAS = Path(__file__).parent / "data/schemas"
SPACE = re.compile(r"[ \t\n\r]+")
SHOWN_BY_MATHJAX = re.compile(r"\\\((.+?)\\\)|(\$\$.+?\$\$|\\\[.+?\\\]|\\begin\{.+?\}|\\(?:eq)?ref\{.+?\})", re.DOTALL)


class Choices(NamedTuple):
    """One question: what is asked, and each choice with whether it is right and its feedback."""

    category: str
    name: str
    text: str
    choices: list[tuple[str, bool, str]]


class Number(NamedTuple):
    """One question whose answer is a number: of each answer that is known the least, the greatest, its share and its
    feedback, the first that holds the number counting; and what is said of all others."""

    category: str
    name: str
    text: str
    answers: list[tuple[float, float, float, str]]
    otherwise: str


def around(at: str, below: str, above: str) -> tuple[float, float]:
    """The least and the greatest number within a tolerance. Moodle adds 1e-14 to it, so that doubles lose none."""
    return float(Decimal(at) - Decimal(below)), float(Decimal(at) + Decimal(above))


class _Seen(HTMLParser):
    def __init__(self, markup: str, mathjax: bool):
        super().__init__()
        self.seen, self.open, self.mathjax = "", [], mathjax
        self.feed(markup)
        self.close()
        assert not self.open, markup

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen += "" if tag == "span" else f"<{tag}>"

    def handle_startendtag(self, tag, attributes):
        self.seen += f"<{tag}></{tag}>"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.seen += "" if tag == "span" else f"</{tag}>"

    def handle_data(self, data):
        quiet = {"code", "math"} & set(self.open)
        self.seen += escape(data) if quiet or not self.mathjax else SHOWN_BY_MATHJAX.sub(_typeset, escape(data, False))


def _typeset(found: re.Match) -> str:
    assert found[2] is None, f"MathJax takes {found[0]!r} for mathematics"
    return seen(convert(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))


def seen(markup: str, mathjax: bool = False) -> str:
    """HTML without what nobody sees, MathML in place of what MathJax shows as a formula."""
    return SPACE.sub(" ", _Seen(markup, mathjax).seen.replace("&#x27;", "'").replace("&quot;", '"')).strip()


def seen_with_mathjax(markup: str) -> str:
    return seen(markup, mathjax=True)


def files(archive: bytes) -> dict[str, bytes]:
    """What is in a zip file, which is whole."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@cache
def _dtd(name: str) -> etree.DTD:
    return etree.DTD(SCHEMAS / name)


def valid(content: bytes, schema: str) -> etree._Element:
    """The root of a document that keeps to the schema."""
    root, dtd = etree.fromstring(content), _dtd(schema)
    assert dtd.validate(root), dtd.error_log.filter_from_errors()
    for one in root.iter():
        one.tag = etree.QName(one).localname
    return root


def _package(archive: bytes) -> tuple[dict[str, bytes], list]:
    """The files, and the resources of a manifest that names them all."""
    content = files(archive)
    resources = valid(content["imsmanifest.xml"], "package.dtd").findall("resources/resource")
    named = [one.get("href") for resource in resources for one in resource.findall("file")]
    assert sorted(named) == sorted(name for name in content if name != "imsmanifest.xml" and not name.endswith("/"))
    assert all(one.get("href") is None or one.get("href") == one.find("file").get("href") for one in resources)
    return content, resources


# QTI 1.2, as Canvas' importer looks for things


def read_qti(archive: bytes) -> list[Choices | Number]:
    content, resources = _package(archive)
    found = []
    for resource in resources:
        if resource.get("type") != "imsqti_xmlv1p2":
            continue
        settings = etree.fromstring(content[f"{resource.get('identifier')}/assessment_meta.xml"])
        assessment = valid(content[resource.find("file").get("href")], "qti12.dtd").find("assessment")
        assert settings.get("identifier") == assessment.get("ident")
        for item in assessment.iter("item"):
            group = item.getparent()
            category = assessment.get("title")
            if (number := group.findtext("selection_ordering/selection/selection_number")) is not None:
                assert number == "1"
                category = f"{category}/{group.get('title')}"
            found.append(_item12(item, category))
    return found


def _item12(item, category: str) -> Choices | Number:
    name, text = item.get("title"), _mattext(item.find("presentation"))
    said = {one.get("ident"): _mattext(one.find("flow_mat")) for one in item.findall("itemfeedback")}
    (right,) = (one for one in item.iter("respcondition") if one.findtext("setvar") == "100")
    shown = {
        one.findtext("conditionvar/varequal"): one.find("displayfeedback").get("linkrefid")
        for one in item.iter("respcondition")
        if one.find("displayfeedback") is not None
    }
    kind = item.findtext(".//fieldentry")
    if kind == "numerical_question":
        (exact, low, high) = (float(right.findtext(f".//{tag}")) for tag in ("varequal", "vargte", "varlte"))
        assert low <= exact <= high and right.find("displayfeedback").get("linkrefid") == "correct_fb"
        assert len(item.findall(".//vargte")) == 1, "Canvas takes each range for a right answer"
        return Number(category, name, text, [(low, high, 1, said["correct_fb"])], said["general_incorrect_fb"])
    assert kind == "multiple_choice_question"
    labels = item.findall(".//response_label")
    answers = [
        (_mattext(one), one.get("ident") == right.findtext("conditionvar/varequal"), said[shown[one.get("ident")]])
        for one in labels
    ]
    assert len({one.get("ident") for one in labels}) == len(labels) == len(said)
    return Choices(category, name, text, answers)


def _mattext(parent) -> str:
    one = parent.find("material/mattext")
    if one.get("texttype") == "text/plain":
        return seen(escape(one.text))
    markup = one.text
    assert "<" in markup, "Canvas takes HTML without a tag for text, and shows its entities as they are written"
    return seen_with_mathjax(markup.removeprefix("<p>").removesuffix("</p>"))


# QTI 2.1


def read_qti21(archive: bytes) -> list[Choices | Number]:
    content, resources = _package(archive)
    kinds = {one.get("href"): one.get("type") for one in resources}
    assert kinds.pop("test.xml") == "imsqti_test_xmlv2p1" and set(kinds.values()) <= {"imsqti_item_xmlv2p1"}
    test = valid(content["test.xml"], "qti21.dtd")
    found = []
    for one in test.iter("assessmentItemRef"):
        sections = [section for section in one.iterancestors("assessmentSection")]
        category = "/".join([test.get("title"), *(section.get("title") for section in reversed(sections))])
        drawn = [
            section.find("selection").get("select") for section in sections if section.find("selection") is not None
        ]
        item = valid(content[one.get("href")], "qti21.dtd")
        assert one.get("identifier") == item.get("identifier")
        found.append(_item21(item, category, drawn))
    assert len(found) == len(kinds)
    return found


def _item21(item, category: str, drawn: list[str]) -> Choices | Number:
    name, (response,) = item.get("title"), item.findall("responseDeclaration")
    right = response.findtext("correctResponse/value")
    said = {one.get("identifier"): _inside(one.find("p")) for one in item.findall("modalFeedback")}
    (then,) = item.iter("responseIf")
    assert then.findtext("setOutcomeValue/baseValue") == "1"
    if response.get("baseType") == "float":
        assert drawn == ["1"]
        answers = []
        for one in [then, *item.iter("responseElseIf")]:
            equal, (share, shown) = (
                one.find("equal"),
                (part.findtext("baseValue") for part in one.iter("setOutcomeValue")),
            )
            assert equal.get("toleranceMode") == "absolute"
            at = right if equal.find("correct") is not None else equal.findtext("baseValue")
            answers.append((*around(at, *equal.get("tolerance").split()), float(share), said.pop(shown)))
        otherwise = said.pop(item.findtext(".//responseElse/setOutcomeValue/baseValue"))
        assert not said
        return Number(category, name, _inside(item.find("itemBody/p")), answers, otherwise)
    assert drawn == [] and then.find("match") is not None
    interaction = item.find("itemBody/choiceInteraction")
    answers = [
        (_inside(one), one.get("identifier") == right, said.pop(one.get("identifier")))
        for one in interaction.findall("simpleChoice")
    ]
    assert not said
    return Choices(category, name, _inside(item.find("itemBody/p")), answers)


def _inside(element) -> str:
    whole = etree.tostring(element, encoding="unicode", with_tail=False)
    return seen_with_mathjax(re.sub(r"^<[^>]*>|</\w+>$", "", whole))


# Moodle XML


def read_moodle(content: bytes) -> list[Choices | Number]:
    found, category = [], ""
    for one in etree.fromstring(content).findall("question"):
        if one.get("type") == "category":
            category = one.findtext("category/text")
            continue
        name, text = one.findtext("name/text"), one.findtext("questiontext/text")
        assert one.find("questiontext").get("format") == "html" and one.findtext("idnumber") == name
        text = seen_with_mathjax(text.removeprefix("<p>").removesuffix("</p>"))
        if one.get("type") == "numerical":
            answers = []
            for answer in one.findall("answer"):
                value, off = (answer.findtext(tag) for tag in ("text", "tolerance"))
                said = seen_with_mathjax(answer.findtext("feedback/text"))
                answers.append((value, off, float(answer.get("fraction")) / 100, said))
            *known, (star, _, none, otherwise) = answers
            assert (star, none) == ("*", 0)
            known = [(*around(at, off, off), *rest) for at, off, *rest in known]
            found.append(Number(category, name, text, known, otherwise))
            continue
        assert one.get("type") == "multichoice"
        assert [one.findtext(tag) for tag in ("single", "shuffleanswers", "defaultgrade")] == ["true", "true", "1"]
        answers = []
        for answer in one.findall("answer"):
            assert answer.get("format") == answer.find("feedback").get("format") == "html"
            shown = seen_with_mathjax(answer.findtext("text"))
            right = {"100": True, "0": False}[answer.get("fraction")]
            answers.append((shown, right, seen_with_mathjax(answer.findtext("feedback/text"))))
        found.append(Choices(category, name, text, answers))
    return found


# GIFT, as Moodle's importer goes about it: signs behind a backslash are set aside, the first braces hold the answers

ASIDE = {f"\\{sign}": chr(0xE000 + n) for n, sign in enumerate(":#={}~n")}


def read_gift(content: bytes) -> list[Choices | Number]:
    found, category = [], ""
    for block in re.split(r"\n[ \t]*\n", content.decode()):
        lines = [line.strip() for line in block.strip().split("\n")]
        (name_given,) = re.findall(r"\[id:([^]]+)\]", "".join(one for one in lines if one.startswith("//"))) or [None]
        text = "\n".join(line for line in lines if not line.startswith("//")).replace("\\\\", "\ue00f")
        for written, sign in ASIDE.items():
            text = text.replace(written, sign)
        if text.startswith("$CATEGORY:"):
            category = text.removeprefix("$CATEGORY:").strip()
            continue
        _, name, rest = text.split("::", 2)
        assert name == name_given
        asked, _, rest = rest.partition("{")
        answers, _, after = rest.partition("}")
        assert after == ""
        found.append(_gift(category, name, _html(asked), answers.strip()))
    return found


def _gift(category: str, name: str, text: str, answers: str) -> Choices | Number:
    if answers.startswith("#"):
        known, _, otherwise = answers[1:].partition("~#")
        numbers = []
        for answer in filter(None, map(str.strip, known.split("="))):
            weight, number = re.fullmatch(r"(?:%(\d\d?)%)?(.*)", answer, re.DOTALL).groups()
            number, _, said = number.partition("#")
            value, off = number.split(":")
            numbers.append((*around(value, off, off), int(weight or 100) / 100, _html(said)))
        return Number(category, name, text, numbers, _html(otherwise))
    choices = []
    for answer in filter(None, map(str.strip, answers.replace("=", "~=").split("~"))):
        assert not re.match(r"%-?\d", answer)  # a weight
        shown, _, feedback = answer.removeprefix("=").partition("#")
        choices.append((_html(shown), answer.startswith("="), _html(feedback)))
    return Choices(category, name, text, choices)


def _html(text: str) -> str:
    form, _, rest = text.strip().partition("]")
    assert form == "[html"
    for written, sign in ASIDE.items():
        rest = rest.replace(sign, "\n" if written == "\\n" else written[1])
    return seen_with_mathjax(rest.replace("\ue00f", "\\").strip(" \t\n\r"))


# Gradebooks, as the importers find students, columns and grades


def read_canvas_grades(content: bytes, assignment: int) -> dict[int, str]:
    """By the student's ID, the grade that Canvas' importer takes for the assignment of this number."""
    text = content.decode("utf-8-sig")
    first = text.split("\n")[:2]
    separator = ";" if all(line.count(";") > line.count(",") for line in first) else ","
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    last_of_name = 1 if header[:2] == ["LastName", "FirstName"] else 0
    assert header[last_of_name + 1] == "ID" and "Section" in header
    (at,) = (n for n, title in enumerate(header) if title.endswith(f" ({assignment})"))
    found = {}
    for row in rows:
        if "Points Possible" in row[0] or all(
            re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row
        ):
            continue
        assert len(row) == len(header)
        found[int(row[last_of_name + 1])] = row[at].strip()
    return found


def read_moodle_grades(content: bytes) -> dict[int, tuple[float, str]]:
    """By the number behind "Participant ", the grade and the comment that Moodle's importer takes."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    identity, grade, _ = (header.index(name) for name in ("Identifier", "Grade", "Last modified (grade)"))
    comment = header.index("Feedback comments")
    found = {}
    for row in rows:
        assert len(row) == len(header)
        if re.fullmatch(r"-?[\d.]+", row[grade]) and 0 <= float(row[grade]) <= float(
            row[header.index("Maximum Grade")]
        ):
            found[int(row[identity][len("Participant ") :])] = float(row[grade]), row[comment]
    return found
