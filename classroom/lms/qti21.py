"""QTI 2.1 for OpenOLAT, TAO, Blackboard and others: an item a question, and a test with a section a chapter.

Of an exercise the test takes one variant at random, with `selection`; its answer is a number within a tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from sevenlenses.quiz import Question

from .items import Chapter, Numerical, Variant
from .package import PREFIX, XSI, add, document, zipped
from .texts import element

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
LETTERS = "ABCDE"
RESPONSE, FEEDBACK, SCORE = "RESPONSE", "FEEDBACK", "SCORE"
TEST = f"{PREFIX}-test"


def export(title: str, chapters: Sequence[Chapter]) -> bytes:
    """The zip file."""
    items: dict[str, Element] = {}
    for chapter in chapters:
        for question in chapter.questions:
            items[question.id] = _choices(question)
        for exercise in chapter.numerical:
            items |= {name: _number(name, variant) for name, variant in exercise.named()}
    return zipped(
        {
            "imsmanifest.xml": document(_manifest(items)),
            "test.xml": document(_test(title, chapters)),
            **{_file(name): document(item, mixed=True) for name, item in items.items()},
        }
    )


def _file(name: str) -> str:
    return f"items/{name}.xml"


def _root(tag: str, namespace: str, schema: str, **attributes: str) -> Element:
    location = f"{namespace} http://www.imsglobal.org/xsd/{schema}"
    return Element(tag, {"xmlns": namespace, "xmlns:xsi": XSI, "xsi:schemaLocation": location} | attributes)


def _manifest(items: Sequence[str]) -> Element:
    root = _root("manifest", PACKAGE, "imscp_v1p1.xsd", identifier=f"{PREFIX}-manifest")
    about = add(root, "metadata")
    add(about, "schema", "QTIv2.1 Package")
    add(about, "schemaversion", "1.0.0")
    add(root, "organizations")
    resources = add(root, "resources")
    test = add(resources, "resource", identifier=TEST, type="imsqti_test_xmlv2p1", href="test.xml")
    add(test, "file", href="test.xml")
    for name in items:
        add(test, "dependency", identifierref=f"{PREFIX}-{name}")
        href = _file(name)
        item = add(resources, "resource", identifier=f"{PREFIX}-{name}", type="imsqti_item_xmlv2p1", href=href)
        add(item, "file", href=href)
    return root


def _test(title: str, chapters: Sequence[Chapter]) -> Element:
    root = _root("assessmentTest", QTI, "qti/qtiv2p1/imsqti_v2p1.xsd", identifier=TEST, title=title)
    part = add(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    for chapter in chapters:
        section = _section(part, f"chapter-{chapter.name}", chapter.name)
        for question in chapter.questions:
            _take(section, question.id)
        for exercise in chapter.numerical:
            _draw(section, exercise)
    return root


def _section(parent: Element, name: str, title: str) -> Element:
    return add(parent, "assessmentSection", identifier=name, title=title, visible="true")


def _take(section: Element, name: str) -> None:
    add(section, "assessmentItemRef", identifier=f"{PREFIX}-{name}", href=_file(name))


def _draw(section: Element, exercise: Numerical) -> None:
    drawn = _section(section, f"exercise-{exercise.id}", exercise.id)
    add(drawn, "selection", select="1")
    for name, _ in exercise.named():
        _take(drawn, name)


def _choices(question: Question) -> Element:
    root = _item(question.id)
    named = list(zip(LETTERS, question.choices, strict=False))
    (right,) = (letter for letter, choice in named if choice.right)
    _declare(root, "identifier", right)
    body = add(root, "itemBody")
    body.append(element("p", question.stem))  # and no prompt: some platforms read what stands before alone
    asked = {"responseIdentifier": RESPONSE, "shuffle": "true", "maxChoices": "1"}
    interaction = add(body, "choiceInteraction", **asked)
    for letter, choice in named:
        interaction.append(element("simpleChoice", choice.text, identifier=letter))
    processing = add(root, "responseProcessing")
    then = add(add(processing, "responseCondition"), "responseIf")
    test = add(then, "match")
    add(test, "variable", identifier=RESPONSE)
    add(test, "correct", identifier=RESPONSE)
    _set(then, SCORE, "1", "float")
    add(add(processing, "setOutcomeValue", identifier=FEEDBACK), "variable", identifier=RESPONSE)
    for letter, choice in named:
        _say(root, letter, choice.feedback)
    return root


def _number(name: str, variant: Variant) -> Element:
    """The first band that holds the answer sets the score and chooses what is said."""
    root, bands = _item(name), variant.answers.bands
    _declare(root, "float", repr(bands[0].at))
    body = add(root, "itemBody")
    body.append(element("p", variant.text))
    add(add(body, "p"), "textEntryInteraction", responseIdentifier=RESPONSE, expectedLength="12")
    condition = add(add(root, "responseProcessing"), "responseCondition")
    for n, band in enumerate(bands):
        then = add(condition, "responseElseIf" if n else "responseIf")
        off = repr(band.off)
        test = add(then, "equal", toleranceMode="absolute", tolerance=f"{off} {off}")
        add(test, "variable", identifier=RESPONSE)
        if n:
            add(test, "baseValue", repr(band.at), baseType="float")
        else:
            add(test, "correct", identifier=RESPONSE)
        _set(then, SCORE, f"{band.judgement.share:g}", "float")
        _set(then, FEEDBACK, f"answer-{n}", "identifier")
        _say(root, f"answer-{n}", band.judgement.message)
    _set(add(condition, "responseElse"), FEEDBACK, "other", "identifier")
    _say(root, "other", variant.answers.otherwise.message)
    return root


def _item(name: str) -> Element:
    """An item that is neither adaptive nor timed; its name is what an author sees."""
    about = {"identifier": f"{PREFIX}-{name}", "title": name, "adaptive": "false", "timeDependent": "false"}
    return _root("assessmentItem", QTI, "qti/qtiv2p1/imsqti_v2p1.xsd", **about)


def _declare(root: Element, kind: str, right: str) -> None:
    response = add(root, "responseDeclaration", identifier=RESPONSE, cardinality="single", baseType=kind)
    add(add(response, "correctResponse"), "value", right)
    for name, points in ((SCORE, "0"), ("MAXSCORE", "1")):
        outcome = add(root, "outcomeDeclaration", identifier=name, cardinality="single", baseType="float")
        add(add(outcome, "defaultValue"), "value", points)
    add(root, "outcomeDeclaration", identifier=FEEDBACK, cardinality="single", baseType="identifier")


def _set(parent: Element, outcome: str, value: str, kind: str) -> None:
    add(add(parent, "setOutcomeValue", identifier=outcome), "baseValue", value, baseType=kind)


def _say(root: Element, name: str, text: str) -> None:
    shown = {"outcomeIdentifier": FEEDBACK, "identifier": name, "showHide": "show"}
    add(root, "modalFeedback", **shown).append(element("p", text))
