"""Exports for learning platforms: they read back as the same questions, and stay the same byte for byte."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from text2qti.config import Config
from text2qti.qti import QTI
from text2qti.quiz import Quiz

from classroom.lms import FORMATS, Chapter, Numerical, chapters, numerical
from classroom.lms.command import main
from classroom.lms.exercises import VARIANTS, left_out
from classroom.lms.items import Variant, check_signs
from platforms import Choices, Number, files, read_gift, read_moodle, read_qti, read_qti21, seen
from sevenlenses.exercises import Answers, Band, Function, partly, right, wrong
from sevenlenses.lenses import EXERCISES
from sevenlenses.quiz import BankError, Choice, Question, bank
from sevenlenses.quiz.words import Unreadable, to_html

ROOT = Path(__file__).resolve().parent.parent
READ = {"qti": read_qti, "qti21": read_qti21, "moodle": read_moodle, "gift": read_gift}
PLACE = {
    "qti": "A course: {0}",
    "qti21": "A course/{0}",
    "moodle": "$course$/top/A course/{0}",
    "gift": "$course$/top/A course/{0}",
}


def variant(text: str, at: float, off: float, said: str = "So.", otherwise: str = "No.") -> Variant:
    """With a second band around the first."""
    bands = (Band(at, off, right(said)), Band(at, 3 * off + 1, partly(0.5, f"Half: {said}")), Band(0, 1, wrong("0?")))
    return Variant(text, Answers(bands, wrong(otherwise)))


MASS = "Its mass does not matter: $m$ cancels. So {it} is = for all #1 ~ lengths."
PENDULUM = Numerical(
    id="pendulum",
    chapter="swing",
    variants=(
        variant("A string of $2$ m: how long is $T = 2 \\pi \\sqrt{l/g}$, in seconds?", 2.837, 0.01, MASS, "=%5%3~#x"),
        variant("A string of `l = 0.1` m {short}?", 0.6344, 1e-05, "`3:4` = 5", MASS),
        variant("And which number is *less* than nothing by 3, or by 1 < 3 & 4?", -3, 0),
    ),
)


def expected(name: str, asked: list[Chapter]) -> list:
    """What a platform should read."""
    found = []
    for chapter in asked:
        place = PLACE[name].format(chapter.name)
        for one in chapter.questions:
            choices = [(seen(to_html(c.text)), c.right, seen(to_html(c.feedback))) for c in one.choices]
            found.append(Choices(place, one.id, seen(to_html(one.stem)), choices))
        for one in chapter.numerical:
            for n, (text, answers) in enumerate(one.variants, 1):
                known = answers.bands[:1] if name == "qti" else answers.bands  # Canvas knows right and wrong alone
                known = [(*map(close, band.bounds), band.judgement.share, shown(band.judgement)) for band in known]
                where, called = f"{place}/{one.id}", f"{one.id}-v{n}"
                found.append(Number(where, called, seen(to_html(text)), known, shown(answers.otherwise)))
    return found


def close(bound) -> float:
    return pytest.approx(float(bound), rel=1e-12, abs=1e-12)


def shown(judgement) -> str:
    return seen(to_html(judgement.message))


def read_back(name: str, asked: list[Chapter]) -> list:
    return READ[name](FORMATS[name].export("A course", asked))


each_format = pytest.mark.parametrize("name", FORMATS)


# The same questions, right answers and feedback


@each_format
def test_the_whole_bank_reads_back(name):
    course = chapters(numerical=numerical())
    assert sorted(question.id for chapter in course for question in chapter.questions) == sorted(bank())
    assert read_back(name, course) == expected(name, course)


@each_format
def test_each_variant_of_an_exercise_reads_back(name):
    asked = [Chapter("before", (question(),)), Chapter("swing", (), (PENDULUM,)), Chapter("after", (question("b"),))]
    assert read_back(name, asked) == expected(name, asked)


SIGNS = ["<", "&", '"', "'", "{", "}", "~", "=", "#", ":", "::", "\\", "]]>", "<![CDATA[", "&lt;", "&&058;", "//", "->"]
SIGNS += ["\\(a\\)", "\\[a\\]", "\\begin{a}b\\end{a}", "%50%", "[html]", "####", "\n", "\n\n", "\n//", "\\n", "T", "\t"]
MARKS = ["<p>", "</p>", "`x < y`", "`\\(a\\)`", "`$$a$$`", "`~=#:{}`", "*so*", "**very**", "$h_t$", "$a < b$"]
MARKS += ["$\\{x = 1\\}$", "$\\nabla f$", "$\\frac{1}{2}$", "$[U, W]\\,[h, x]$"]
WORDS = ["a", " ", "é", "🙂", "مرحبا", "測試", "\u00a0", "\u2028"]
free = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"], exclude_characters="`*_$"), max_size=8)
nasty = st.lists(st.sampled_from([*SIGNS, *MARKS, *WORDS]) | free, min_size=1, max_size=7).map("".join)


def readable(text: str) -> bool:
    try:
        return bool(text.strip()) and bool(seen(to_html(text)))
    except Unreadable:
        return False


@each_format
def test_each_sign_reads_back(name):
    """At the beginning, in the middle and at the end of each kind of text."""
    asked = []
    for n, sign in enumerate([*SIGNS, *MARKS, *WORDS]):
        at = [f"{sign} x", f"x {sign} x", f"x {sign}", f"x{sign}"]
        choices = tuple(Choice(text, feedback, text == at[1]) for text, feedback in zip(at, reversed(at), strict=True))
        asked += [Question(f"sign-{n}-{k}", text, choices) for k, text in enumerate(at)]
    assert read_back(name, [Chapter("one", tuple(asked))]) == expected(name, [Chapter("one", tuple(asked))])


texts = nasty.filter(readable)


@st.composite
def questions(draw) -> Question:
    right = draw(st.integers(0, 2))
    choices = draw(st.lists(texts, min_size=3, max_size=5, unique=True))
    made = [Choice(text, draw(texts), n == right) for n, text in enumerate(choices)]
    return Question("some-id", draw(texts), tuple(made))


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(asked=questions(), exercise=st.tuples(texts, texts))
@each_format
def test_any_text_reads_back(name, asked, exercise):
    text, feedback = exercise
    drawn = Numerical("other-id", "one", (variant(text, 1.5, 0.25, feedback, feedback),))
    assert read_back(name, [Chapter("one", (asked,), (drawn,))]) == expected(name, [Chapter("one", (asked,), (drawn,))])


@settings(deadline=None, max_examples=25)
@given(answer=st.floats(allow_nan=False, allow_infinity=False), off=st.floats(0, 1e6))
@each_format
def test_any_number_reads_back(name, answer, off):
    asked = [Chapter("one", (), (Numerical("n", "one", (variant("How much?", answer, off),)),))]
    assert read_back(name, asked) == expected(name, asked)


# The course's exercises

DRAWN = {one.id: one for one in numerical()}


def test_an_exercise_is_exported_or_said_to_come_from_runs():
    every = list(chapter.name for chapter in chapters())
    functions = {name for name, one in EXERCISES.items() if isinstance(one, Function)}
    assert set(DRAWN) | functions | set(left_out(every)) == set(EXERCISES)
    assert len(DRAWN) + len(functions) + len(left_out(every)) == len(EXERCISES)


@pytest.mark.parametrize("name", DRAWN)
def test_a_variant_asks_what_the_chapter_asks_with_its_own_numbers(name):
    exercise, variants = EXERCISES[name], DRAWN[name].variants
    sets = exercise.sets("", VARIANTS)
    assert len({text for text, _ in variants}) == len(variants) == len(sets) == min(VARIANTS, size(exercise))
    for (text, _), numbers in zip(variants, sets, strict=True):
        assert all(value in exercise.fresh[key] for key, value in numbers.items())
        assert all(said in text for said in exercise.stated(numbers).values())
        assert not re.search(
            r"[\ue000\ue001{}#]|check\(|\bcell below|\]\(|\*Your guess", re.sub(r"\$.*?\$", "", text)
        ), text


def size(exercise) -> int:
    return len({repr(numbers) for numbers in exercise.sets("", 10**6)})


@each_format
def test_a_platform_and_the_judge_say_the_same_of_any_number(name):
    """At the edge of each answer that is known, within it and beyond it. Of Canvas, whether it is right."""
    read = {one.name: one for one in read_back(name, chapters(numerical=DRAWN.values())) if isinstance(one, Number)}
    assert len(read) == sum(len(one.variants) for one in DRAWN.values())
    for exercise in (EXERCISES[one] for one in DRAWN):
        for n, numbers in enumerate(exercise.sets("", VARIANTS), 1):
            asked = read[f"{exercise.name}-v{n}"]
            edges = [edge for low, high, *_ in asked.answers for edge in (low, high)]
            middles = [(low + high) / 2 for low, high, *_ in asked.answers]
            beside = [edge * (1 + sign * 1e-9) for edge in edges for sign in (-1, 1)]
            for number in (*middles, *beside, *(round(edge, 6) for edge in edges), -1.0, 0.0, 1e9):
                known = (one for one in asked.answers if one[0] <= number <= one[1])
                share, said = next(((share, said) for *_, share, said in known), (0, asked.otherwise))
                found = exercise.judged(number, [], numbers)
                if name == "qti":
                    assert (found.share == 1) == (share == 1), (exercise.name, numbers, number)
                else:
                    assert found.share == share and seen(to_html(found.message)).endswith(said), (numbers, number)
            assert exercise.judged(middles[0], [], numbers).share == 1


def test_another_seed_takes_other_numbers():
    asked = [[text for (one,) in [numerical("half-life", seed)] for text, _ in one.variants] for seed in ("", "a", "a")]
    assert asked[0] != asked[1] == asked[2]


# What the LMS recognises


ALL = "b''.join(form.export('A', chapters(numerical=numerical())) for form in FORMATS.values())"


def test_exporting_twice_gives_the_same_bytes():
    """Also in another process, whose hashes are salted otherwise, and at another time."""
    imports = "import sys; from classroom.lms import FORMATS, chapters, numerical"
    code = f"{imports}; sys.stdout.buffer.write({ALL})"
    there = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert there.stdout == eval(ALL)


@each_format
def test_a_corrected_question_keeps_its_names(name):
    """Between two exports that differ in a word, nothing else differs."""
    before, after = (FORMATS[name].export("A", [Chapter("c", (question(stem=stem),))]) for stem in ("Whta?", "What?"))
    assert before != after
    inside = files if FORMATS[name].suffix == ".zip" else (lambda made: {"": made})
    assert {n: c.replace(b"Whta?", b"What?") for n, c in inside(before).items()} == inside(after)


def question(name: str = "a", stem: str = "What?") -> Question:
    return Question(name, stem, (Choice("this", "Yes.", True), Choice("that", "No."), Choice("none", "Nor that.")))


# The published standard, and an engine that is not ours


@pytest.fixture(scope="module")
def pyslet() -> Path:
    """Its source, which is kept."""
    pins = Path(__file__).parent / "data/pyslet.txt"
    kept = (
        platformdirs.user_cache_path("sevenlenses-tests")
        / f"pyslet-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}"
    )
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                wanted = ["download", "--quiet", "--no-deps", "--no-binary=:all:", "--require-hashes", "-r", pins]
                subprocess.run([sys.executable, "-m", "pip", *wanted, "--dest", folder], check=True)
                (archive,) = Path(folder).iterdir()
                shutil.unpack_archive(archive, folder, filter="data")
                next(path for path in Path(folder).iterdir() if path.is_dir()).rename(kept)
    return kept


@pytest.mark.slow
def test_qti_1_2_keeps_to_the_published_dtd(pyslet):
    """But for one element, which Canvas reads where the standard allows any that is declared."""
    published = (pyslet / "unittests/data_imsqtiv1p2p1/ims_qtiasiv1p2p1.dtd").read_bytes()
    dtd = etree.DTD(io.BytesIO(published + b"<!ELEMENT points_per_item (#PCDATA)>"))
    made = files(FORMATS["qti"].export("A course", chapters(numerical=numerical())))
    quizzes = [made[name] for name in made if re.fullmatch(r"(.*)/\1\.xml", name)]
    assert len(quizzes) == len(chapters())
    for quiz in quizzes:
        root = etree.fromstring(quiz)
        root.attrib.clear()  # where its schema is, which a DTD does not know
        for one in root.iter():
            one.tag = etree.QName(one).localname
        etree.cleanup_namespaces(root)
        assert dtd.validate(root), dtd.error_log.filter_from_errors()


@pytest.mark.slow
def test_an_engine_of_qti_2_1_scores_each_answer_as_we_do(pyslet, tmp_path):
    course, expected, asked = chapters(numerical=numerical()), {}, {}
    for chapter in course:
        for one in chapter.questions:
            asked[one.id] = list("ABCDE"[: len(one.choices)])
            expected[one.id] = [[float(c.right), letter] for c, letter in zip(one.choices, "ABCDE", strict=False)]
        for name, answers in (
            (f"{one.id}-v{n}", a) for one in chapter.numerical for n, (_, a) in enumerate(one.variants, 1)
        ):
            bands = answers.bands
            numbers = [edge for band in bands for edge in (band.at, band.at + 0.9 * band.off, band.at - 1.1 * band.off)]
            asked[name] = [*numbers, -1.0, 1e9]
            expected[name] = [[answers.judgement(given).share, place(bands, given)] for given in asked[name]]
    archive = tmp_path / "a.zip"
    archive.write_bytes(FORMATS["qti21"].export("A course", course))
    engine = [sys.executable, ROOT / "tests/qti_engine.py", pyslet, archive]
    done = subprocess.run(engine, input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected


def place(bands: tuple[Band, ...], given: float) -> str:
    return next((f"answer-{n}" for n, band in enumerate(bands) if band.holds(given)), "other")


# Canvas


def skeleton(item) -> list[tuple[str, list[str]]]:
    return [(etree.QName(one).localname, sorted(one.attrib)) for one in item.iter()]


def test_canvas_gets_what_text2qti_writes():
    """Its files are known to import: ours have the same elements and attributes, in the same order."""
    source = "1. What?\n*a) this\n... Yes.\nb) that\n... No.\nc) none\n... Nor that.\n"
    source += "\nGROUP\npick: 1\npoints per question: 1\n\n2. How much?\n+ So.\n- No.\n=   1.5 +- 0.25\n\nEND_GROUP\n"
    theirs = files(QTI(Quiz(source, config=Config())).zip_bytes())
    number = Numerical("n", "one", (variant("How much?", 1.5, 0.25),))
    ours = files(FORMATS["qti"].export("Quiz", [Chapter("one", (question(),), (number,))]))
    sections = []
    for content in (ours, theirs):
        (quiz,) = (content[name] for name in content if re.fullmatch(r"(.*)/\1\.xml", name))
        sections.append(skeleton(etree.parse(io.BytesIO(quiz)).find(".//{*}section")))
    assert sections[0] == sections[1]


def test_text_without_a_mark_is_plain_for_canvas():
    made = files(FORMATS["qti"].export("Quiz", [Chapter("c", (question(stem="1 < 2"),))]))
    kinds = re.findall(rb'texttype="(\S+)"', made["sevenlenses-quiz-c/sevenlenses-quiz-c.xml"])
    assert kinds == [b"text/html"] + [b"text/plain"] * 6


# An instructor's own bank

GOOD = """
[[question]]
id = "good"
stem = "What?"
choices = [
    { text = "this", right = true, feedback = "yes" },
    { text = "that", feedback = "no" },
    { text = "neither", feedback = "no" },
]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "week-1.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_an_instructors_files_are_chapters(folder):
    (folder / "week_2.toml").write_text(GOOD.replace('id = "good"', 'id = "better"'), encoding="utf-8")
    (folder / "notes.txt").write_text("not a bank")
    found = chapters(folder)
    assert [(one.name, [question.id for question in one.questions]) for one in found] == [
        ("week-1", ["good"]),
        ("week_2", ["better"]),
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("week-2.toml", GOOD, "week-2.toml: an id is unique in the bank; 'good' is in week-1.toml too. Rename"),
        ("b.toml", GOOD.replace('"good"', '"c"').replace("What?", "$\\\\foo$"), "b.toml: c: 'stem': $\\foo$ cannot be"),
        ("b.toml", GOOD.replace('"good"', '"c"').replace('"yes"', '"\\u0001"'), "b.toml: c: a text has no control"),
        ("b.toml", "question = []", "b.toml: a file holds at least one question; got none. Begin each with"),
        ("Week 2.toml", GOOD.replace("good", "c"), "Week 2.toml: a file has its chapter's name"),
        ("b.toml", 'x = "', "b.toml: a bank file is TOML in UTF-8"),
    ],
)
def test_a_bank_that_breaks_a_rule_is_refused(folder, file, text, said):
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(BankError, match=f"^{re.escape(said)}"):
        chapters(folder)


def test_mathematics_that_makes_no_xml_is_refused():
    with pytest.raises(Unreadable, match="cannot be read"):
        to_html(r"$\text{a < b}$")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "A b"}, "an id is small letters"),
        ({"variants": ()}, "pendulum: an exercise has at least one variant; got none"),
        ({"variants": (variant("x", float("nan"), 0),)}, "pendulum, variant 1: an answer is a number"),
        ({"variants": (variant("x", 1, 1), variant("x", 1, -1))}, "pendulum, variant 2: .*; got 1.0 and -1.0"),
        ({"variants": (variant("$x", 1, 1),)}, "pendulum: .* has no partner"),
        ({"variants": (variant("x", 1, 1, "`"),)}, "pendulum: .* has no partner"),
        ({"variants": (variant("x", 1, 1, "so", "`"),)}, "pendulum: .* has no partner"),
    ],
)
def test_an_exercise_that_breaks_a_rule_is_refused(change, said):
    good = {"id": "pendulum", "chapter": "gradient", "variants": (variant("x", 1, 0),)}
    Numerical(**good)
    with pytest.raises(BankError, match=f"^{said}"):
        Numerical(**good | change)


def test_exercises_join_their_chapter():
    mine = Numerical("mine", "gradient", (variant("x", 1, 0),))
    assert [(one.name, one.numerical) for one in chapters(numerical=[mine]) if one.numerical] == [("gradient", (mine,))]
    with pytest.raises(BankError, match="mine: its chapter is one of the bank; got 'gradients'"):
        chapters(numerical=[Numerical("mine", "gradients", mine.variants)])
    with pytest.raises(BankError, match="q01: an id is unique"):
        chapters(numerical=[Numerical("q01", "gradient", mine.variants)])


@pytest.mark.parametrize("sign", ["\0", "\x0b", "\x1f", "\ufffe", "\ud800"])
def test_signs_that_xml_lacks_are_refused(sign):
    with pytest.raises(BankError, match=f"there: a text has no control characters; got U\\+{ord(sign):04X}"):
        check_signs("there", ["fine", f"a{sign}b"])


# The command


@each_format
def test_the_command_says_what_it_wrote_and_how_to_import_it(name, folder, capsys):
    out = folder / "new/out"
    assert main(["--format", name, "--bank", str(folder), "--out", str(out)]) == 0
    (path,) = out.iterdir()
    said = capsys.readouterr().out.splitlines()
    assert said == [f"Wrote {path}, 1 question of 1 chapter.", FORMATS[name].guide]
    (read,) = READ[name](path.read_bytes())
    assert read.name == "good" and folder.name in read.category


def test_chapters_can_be_chosen(tmp_path, capsys):
    chosen = ["--chapter", " gradient,questions", "--exercises", "none"]
    assert main(["--format", "moodle", *chosen, "--out", str(tmp_path)]) == 0
    assert "22 questions of 2 chapters." in capsys.readouterr().out
    read = read_moodle((tmp_path / "questions-moodle.xml").read_bytes())
    assert {one.category for one in read} == {f"$course$/top/Seven Lenses/{name}" for name in ("gradient", "questions")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--format", "word"],
            "FORMAT is one of qti, qti21, moodle, gift; got 'word'. Say for instance FORMAT=moodle.",
        ),
        ([], "FORMAT is one of qti, qti21, moodle, gift; got ''. Say for instance FORMAT=moodle."),
        (
            ["--chapter", "gradient,grad"],
            "CHAPTER names chapters of the bank; got 'grad'. Choose from access, capacity,",
        ),
        (["--exercises", "half-life,half"], "EXERCISES names exercises whose answers are formulas; got 'half'. Choose"),
        (
            ["--exercises", "backward-step"],
            "EXERCISES names exercises whose answers are formulas; got 'backward-step'.",
        ),
        (["--bank", "{0}/nowhere"], "BANK is a folder of .toml files; got '{0}/nowhere' (No such file or directory). "),
        (["--bank", "{0}/a file"], "BANK is a folder of .toml files; got '{0}/a file' (Not a directory). Correct"),
        (["--bank", "{0}"], "BANK holds at least one .toml file; there is none in '{0}'. Put your questions there."),
        (["--out", "{0}/a file/out"], "OUT is a folder to write into; got '{0}/a file/out' (Not a directory). Name an"),
        (["--out", "{0}/a file"], "OUT is a folder to write into; got '{0}/a file' (File exists). Name another one."),
    ],
)
def test_what_cannot_be_is_said_in_one_line(arguments, said, tmp_path, capsys):
    (tmp_path / "a file").touch()
    given = [one.format(tmp_path) for one in arguments]
    with pytest.raises(SystemExit) as stopped:
        main(["--format", "gift", *given] if given and given[0] != "--format" else given)
    assert stopped.value.code.startswith(said.format(tmp_path)) and "\n" not in stopped.value.code
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_make_hands_its_variables_on(tmp_path):
    """Whatever the shell says of where Python looks; the environment is taken as set up."""
    command = ["make", "-o", ".venv", "lms", f"IN_VENV={sys.executable}", "FORMAT=gift", f"OUT={tmp_path}/a folder"]
    shell = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    run = subprocess.run(
        [*command, "CHAPTER=kata", "EXERCISES=none"],
        cwd=ROOT,
        env=shell | {"PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert [one.name for one in read_gift((tmp_path / "a folder/questions-gift.txt").read_bytes())] == [
        "kata-zero",
        "kata-share",
        "kata-learn",
    ]
