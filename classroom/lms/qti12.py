"""QTI 1.2 as Canvas imports it: one quiz a chapter, and of an exercise a group from which Canvas draws one question.

The elements, their order and the names of feedback are those of Canvas' own exports; Canvas looks for them by name.
`text2qti` writes the same, but takes its identifiers from the text, so that a corrected question would be a new one,
and makes formulas images on one institution's server.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from xml.etree.ElementTree import Element

from sevenlenses.quiz import Question

from .items import Chapter, Numerical, Variant
from .package import PREFIX, XSI, add, document, zipped
from .texts import with_mathml

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
LOM = "http://www.imsglobal.org/xsd/imsmd_v1p2"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
RESPONSE, RIGHT, WRONG = "response1", "correct_fb", "general_incorrect_fb"


def export(title: str, chapters: Sequence[Chapter]) -> bytes:
    """The zip file."""
    quizzes = {f"{PREFIX}-quiz-{chapter.name}": chapter for chapter in chapters}
    files = {"imsmanifest.xml": document(_manifest(title, quizzes)), "non_cc_assessments/": b""}
    for quiz, chapter in quizzes.items():
        named = f"{title}: {chapter.name}"
        files[f"{quiz}/assessment_meta.xml"] = document(_settings(quiz, named, chapter))
        files[f"{quiz}/{quiz}.xml"] = document(_assessment(quiz, named, chapter))
    return zipped(files)


def _manifest(title: str, quizzes: Sequence[str]) -> Element:
    root = Element("manifest", {"identifier": f"{PREFIX}-manifest", "xmlns": PACKAGE, "xmlns:imsmd": LOM})
    about = add(root, "metadata")
    add(about, "schema", "IMS Content")
    add(about, "schemaversion", "1.1.3")
    general = add(add(about, "imsmd:lom"), "imsmd:general")
    add(add(general, "imsmd:title"), "imsmd:string", title)
    add(root, "organizations")
    resources = add(root, "resources")
    for quiz in quizzes:
        questions = add(resources, "resource", identifier=quiz, type="imsqti_xmlv1p2")
        add(questions, "file", href=f"{quiz}/{quiz}.xml")
        add(questions, "dependency", identifierref=f"{quiz}-settings")
        kind, href = "associatedcontent/imscc_xmlv1p1/learning-application-resource", f"{quiz}/assessment_meta.xml"
        settings = add(resources, "resource", identifier=f"{quiz}-settings", type=kind, href=href)
        add(settings, "file", href=href)
    return root


def _settings(quiz: str, title: str, chapter: Chapter) -> Element:
    """A practice quiz, which students do not see before it is published."""
    root = Element("quiz", {"identifier": quiz, "xmlns": CANVAS})
    points = float(len(chapter.questions) + len(chapter.numerical))
    for tag, text in {
        "title": title,
        "shuffle_answers": "true",
        "scoring_policy": "keep_highest",
        "quiz_type": "practice_quiz",
        "points_possible": str(points),
        "show_correct_answers": "true",
        "allowed_attempts": "-1",
        "available": "false",
    }.items():
        add(root, tag, text)
    return root


def _assessment(quiz: str, title: str, chapter: Chapter) -> Element:
    location = f"{QTI} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd"
    root = Element("questestinterop", {"xmlns": QTI, "xmlns:xsi": XSI, "xsi:schemaLocation": location})
    assessment = add(root, "assessment", ident=quiz, title=title)
    _fields(assessment, cc_maxattempts="unlimited")
    section = add(assessment, "section", ident="root_section")
    for question in chapter.questions:
        _choices(section, question)
    for exercise in chapter.numerical:
        _group(section, exercise)
    return root


def _group(section: Element, exercise: Numerical) -> None:
    group = add(section, "section", ident=f"{PREFIX}-{exercise.id}", title=exercise.id)
    selection = add(add(group, "selection_ordering"), "selection")
    add(selection, "selection_number", "1")
    add(add(selection, "selection_extension"), "points_per_item", "1")
    for name, variant in exercise.named():
        _number(group, name, variant)


def _choices(section: Element, question: Question) -> None:
    names = [f"{PREFIX}-{question.id}-{n}" for n in range(1, len(question.choices) + 1)]
    item, presentation = _item(section, question.id, "multiple_choice_question", ",".join(names), question.stem)
    response = add(presentation, "response_lid", ident=RESPONSE, rcardinality="Single")
    offered = add(response, "render_choice")
    processing = _processing(item)
    for name, choice in zip(names, question.choices, strict=True):
        _material(add(offered, "response_label", ident=name), choice.text)
        condition = add(processing, "respcondition", **{"continue": "Yes"})
        add(add(condition, "conditionvar"), "varequal", name, respident=RESPONSE)
        add(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{name}_fb")
        _feedback(item, f"{name}_fb", choice.feedback)
    (right,) = (name for name, choice in zip(names, question.choices, strict=True) if choice.right)
    add(_right(processing), "varequal", right, respident=RESPONSE)


def _number(section: Element, name: str, variant: Variant) -> None:
    """Right or wrong: Canvas gives each number that is named here all of the points, so no other can be."""
    right = variant.answers.bands[0]
    item, presentation = _item(section, name, "numerical_question", f"{PREFIX}-{name}-answer", variant.text)
    response = add(presentation, "response_str", ident=RESPONSE, rcardinality="Single")
    add(add(response, "render_fib", fibtype="Decimal"), "response_label", ident="answer1")
    processing = _processing(item)
    either = add(_right(processing), "or")
    add(either, "varequal", repr(right.at), respident=RESPONSE)
    between, (low, high) = add(either, "and"), right.bounds
    add(between, "vargte", f"{low:f}", respident=RESPONSE)
    add(between, "varlte", f"{high:f}", respident=RESPONSE)
    add(processing[-1], "displayfeedback", feedbacktype="Response", linkrefid=RIGHT)
    other = add(processing, "respcondition", **{"continue": "Yes"})
    add(add(other, "conditionvar"), "other")
    add(other, "displayfeedback", feedbacktype="Response", linkrefid=WRONG)
    _feedback(item, RIGHT, right.judgement.message)
    _feedback(item, WRONG, variant.answers.otherwise.message)


def _item(section: Element, name: str, kind: str, answers: str, text: str) -> tuple[Element, Element]:
    """A new item and its presentation, which shows the text."""
    item = add(section, "item", ident=f"{PREFIX}-{name}", title=name)
    _fields(
        add(item, "itemmetadata"),
        question_type=kind,
        points_possible="1",
        original_answer_ids=answers,
        assessment_question_identifierref=f"{PREFIX}-{name}-ref",
    )
    presentation = add(item, "presentation")
    material = add(presentation, "material")
    add(material, "mattext", f"<p>{with_mathml(text)}</p>", texttype="text/html")
    return item, presentation


def _fields(parent: Element, **fields: str) -> None:
    data = add(parent, "qtimetadata")
    for label, entry in fields.items():
        field = add(data, "qtimetadatafield")
        add(field, "fieldlabel", label)
        add(field, "fieldentry", entry)


def _processing(item: Element) -> Element:
    processing = add(item, "resprocessing")
    score = {"maxvalue": "100", "minvalue": "0", "varname": "SCORE", "vartype": "Decimal"}
    add(add(processing, "outcomes"), "decvar", **score)
    return processing


def _right(processing: Element) -> Element:
    """The place of the condition under which an answer has full marks."""
    condition = add(processing, "respcondition", **{"continue": "No"})
    variables = add(condition, "conditionvar")
    add(condition, "setvar", "100", action="Set", varname="SCORE")
    return variables


def _feedback(item: Element, name: str, text: str) -> None:
    _material(add(add(item, "itemfeedback", ident=name), "flow_mat"), text)


def _material(parent: Element, text: str) -> None:
    """HTML where there is a mark or a formula. Text alone is plain: Canvas would show its `&lt;` as four letters."""
    made = with_mathml(text)
    marked = "<" in made
    kind, content = ("text/html", made) if marked else ("text/plain", unescape(made))
    add(add(parent, "material"), "mattext", content, texttype=kind)
