"""Grading, attacked and by accident: whatever is handed in, nobody's answer is lost, forged or judged wrongly."""

import csv
import io
import json
import re
import socket
import stat
import subprocess
import sys
import zipfile
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from attacks import ATTACKS
from classroom.assignment import EVERYBODY, Assignment
from classroom.grading import inside, judge, notebook, report
from classroom.grading.__main__ import main as command
from classroom.grading.intake import ALL, MOST, BadIntake, Submission, submissions
from classroom.grading.judge import Graded, Marked, grade
from classroom.grading.program import Cell, program_for
from classroom.grading.sandbox import KINDS, Limits, NoSandbox, Sandbox, sandbox
from sevenlenses.exercises import Function
from sevenlenses.lenses import EXERCISES

ROOT = Path(__file__).parents[1]
NAMES = ("half-life", "backward-step", "steady-gain")
LIMITS = Limits(seconds=4)


@pytest.fixture(scope="module", params=KINDS)
def sandboxed(request):
    """Each kind of sandbox that works here. Some machines, and some containers, let nobody make one."""
    try:
        return sandbox([request.param])
    except NoSandbox as why:
        pytest.skip(str(why))


# Notebooks as students hand them in

STUBS = {
    "half-life": "gate = {gate}\nanswer = ...\ncheck('half-life', answer, gate=gate)",
    "backward-step": "def step_back(gradient, h, W):\n    return ...\n\n\ncheck('backward-step', step_back)",
    "steady-gain": "arrives = {arrives}\nscaling = ...\ncheck('steady-gain', scaling, arrives=arrives)",
}
ANSWERS = {
    "half-life": "import math\ngate = {gate}\nanswer = math.log(0.5) / math.log(gate)\n"
    "check('half-life', answer, gate=gate)",
    "backward-step": "def step_back(gradient, h, W):\n    return (gradient * slope(h)) @ W\n\n\n"
    "check('backward-step', step_back)",
    "steady-gain": "arrives = {arrives}\nscaling = {scaling}\ncheck('steady-gain', scaling, arrives=arrives)",
}
SCALING = {0.01: 1.14, 0.02: 1.17, 0.05: 1.21, 0.1: 1.25, 8: 1.53}
HELPER = "def slope(h):\n    return 1 - h**2"
FIRST = "from sevenlenses import ask, check, explore\nfrom sevenlenses.lenses.gradient import FLOW\n\nexplore(FLOW)"


@dataclass
class Class:
    """An assignment, and what its students would write."""

    assignment: Assignment

    def numbers(self, student: str = EVERYBODY) -> dict:
        found = {}
        for name in NAMES:
            found |= self.assignment.parameters(student, EXERCISES[name])
        return found | {"scaling": SCALING[found["arrives"]]}

    def cells(self, texts: dict[str, str], student: str = EVERYBODY) -> list[dict]:
        made = [cell("Chapter", code=False), cell(FIRST), cell(HELPER)]
        numbers = self.numbers(student)
        for name, text in texts.items():
            for key, value in numbers.items():
                text = text.replace(f"{{{key}}}", repr(value))
            made.append(cell(text, name))
        return made

    def book(self, cells: list[dict], copy: str | None = None) -> bytes:
        mark = {"assignment": "A", "copy": self.assignment.copy_of(EVERYBODY) if copy is None else copy}
        return json.dumps(
            {"cells": cells, "metadata": {"sevenlenses": mark}, "nbformat": 4, "nbformat_minor": 5}
        ).encode()


def cell(source: str, exercise: str = "", code: bool = True) -> dict:
    mark = {"sevenlenses": {"exercise": exercise, "version": EXERCISES[exercise].version}} if exercise else {}
    return {"cell_type": "code" if code else "markdown", "metadata": mark, "source": source.splitlines(True)}


@pytest.fixture(scope="module")
def course() -> Class:
    exercises = {name: EXERCISES[name].version for name in NAMES}
    return Class(Assignment("A", "5e" * 32, ("gradient",), exercises, "", ("Ann", "Bob")))


def points(graded: Graded) -> dict[str, float]:
    return {name: one.points for name, one in graded.exercises.items()}


@pytest.fixture
def graded_in(course, tmp_path):
    """A function that grades one student's files in a kind of sandbox."""

    def graded(kind: Sandbox, files: dict[str, bytes], student: str = "Cy") -> Graded:
        for name, content in files.items():
            path = tmp_path / student / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (tmp_path / student).mkdir(exist_ok=True)
        _, found = submissions(tmp_path)
        handed = next(one for one in found if one.name == student)
        return grade(handed, course.assignment, {name: EXERCISES[name] for name in NAMES}, kind, LIMITS)

    return graded


@pytest.fixture
def graded(graded_in, monkeypatch):
    """The same here: honest work needs no sandbox."""

    def answers(jobs, books, kind, limits):
        cells = [[name, [[one.source, one.exercise, one.code] for one in book]] for name, book in books]
        came = {}
        for job in map(asdict, jobs):
            found = inside.apart(job, cells)
            values = inside.answer(job, found["programs"]) if found["programs"] else {}
            came[job["exercise"]] = {"taken": json.dumps(found["files"]), "ended": "done", "text": json.dumps(values)}
        return came

    monkeypatch.setattr(judge, "answers", answers)
    return partial(graded_in, KINDS["bubblewrap"])


# Honest work

FULL = {"half-life": 2, "backward-step": 4, "steady-gain": 4}


@pytest.mark.slow  # in the sandbox, as all that is slow here
def test_right_answers_have_all_points_and_stubs_none(course, sandboxed, graded_in):
    assert points(graded_in(sandboxed, {"a.ipynb": course.book(course.cells(ANSWERS))})) == FULL
    assert points(graded_in(sandboxed, {"a.ipynb": course.book(course.cells(STUBS))})) == dict.fromkeys(NAMES, 0)


def doubled(cells):
    return [*cells[:4], cells[3], *cells[4:], cells[4]]


def split(cells):
    halves = "".join(cells[4]["source"]).split("\n\n\n")
    return [*cells[:4], cell(halves[0], "backward-step"), cell(halves[1]), *cells[5:]]


def retyped(cells):
    return [one | {"metadata": {}} for one in cells]


def without_checks(cells):
    """The answers are there, and nobody hands them in."""
    lines = ["".join(one["source"]).split("\n") for one in cells]
    return [
        one | {"source": "\n".join(line for line in text if not line.startswith("check("))}
        for one, text in zip(cells, lines, strict=True)
    ]


def as_text(cells):
    return [*cells[:5], cells[5] | {"cell_type": "markdown"}]


def in_windows_lines(cells):
    return [one | {"source": "".join(one["source"]).replace("\n", "\r\n")} for one in cells]


def text_as_code(cells):
    return [cell("This text is no code."), *cells, cell("Nor is *this*: it was")]


def stub_left_behind(cells):
    stub = "def step_back(gradient, h, W):\n    return ...\n\n\ncheck('backward-step', step_back)"
    return [*cells, cell(stub, "backward-step")]


@pytest.mark.parametrize(
    "accident",
    [
        doubled, split, retyped, without_checks, as_text, in_windows_lines, text_as_code,
        lambda cells: cells[::-1],
        lambda cells: [cells[0], cells[5], cells[4], cells[3], *cells[1:3]],
        lambda cells: [*cells, cell("%pip install torch\n!ls\nanswer?"), cell("1 / 0"), cell("while True: pass")],
    ],
)  # fmt: skip
def test_an_accident_costs_nothing(course, graded, accident):
    found = graded({"gradient (1).ipynb": course.book(accident(course.cells(ANSWERS)))})
    assert points(found) == FULL, found


def test_a_stub_that_was_left_behind_hides_no_answer(course, graded):
    """As a function it is the last of its name, so a person is told."""
    found = graded({"a.ipynb": course.book(stub_left_behind(course.cells(ANSWERS)))})
    assert points(found) == FULL or any("backward-step" in why for why in found.look)


def test_what_is_missing_costs_its_own_points(course, graded):
    cells = course.cells(ANSWERS)
    assert points(graded({"a.ipynb": course.book(cells[:3] + cells[4:])})) == FULL | {"half-life": 0}


def test_numbers_are_those_of_the_copy(course, graded):
    own = course.book(course.cells(ANSWERS, "Ann"), course.assignment.copy_of("Ann"))
    assert points(graded({"a.ipynb": own}, "Ann")) == FULL
    other = graded({"a.ipynb": own}, "Bob")
    assert other.total < sum(FULL.values()) and any("the copy of Ann" in why for why in other.look)


def test_of_two_notebooks_the_last_counts_and_a_person_is_told(course, graded):
    files = {"gradient.ipynb": course.book(course.cells(STUBS)), "gradient-1.ipynb": course.book(course.cells(ANSWERS))}
    found = graded(files)
    assert points(found) == FULL and any("several notebooks" in why for why in found.look)


def test_published_solutions_are_no_answers(course, graded):
    """Who hands the published chapter in has answered nothing, and a person is told."""
    solved = [one | {"metadata": {"tags": ["hide-cell"]}} for one in course.cells(ANSWERS)]
    found = graded({"a.ipynb": course.book([*course.cells(STUBS), *solved], copy="")})
    assert found.total == 0 and any("it is the published chapter" in why for why in found.look)


# What cannot be graded is said


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "no notebook was handed in"),
        ({"a.ipynb": b"\xff\xfe"}, "it is not a notebook that can be read"),
        ({"a.ipynb": b'{"cells": [{"source": "'}, "it is not a notebook that can be read"),
        ({"a.ipynb": b"[" * 10**5}, "it is not a notebook that can be read"),
        ({"a.ipynb": b"[]"}, "it has no cells"),
        ({"a.ipynb": b'{"cells": 3}'}, "it has no cells"),
        ({"a.pdf": b"%PDF"}, "it is not a notebook, and was not read"),
        ({"a.ipynb": b'{"cells": [null, 3, {"cell_type": []}, {"source": {}}]}'}, "does not say whose copy"),
    ],
)
def test_what_holds_no_answer_is_named(course, graded, files, why):
    found = graded(files)
    assert found.total == 0 and any(why in said for said in found.look), found.look


def archive(members: dict[str, bytes | zipfile.ZipInfo], tmp_path) -> Path:
    path = tmp_path / "handed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def test_canvas_and_moodle_say_whose_a_file_is(tmp_path):
    names = ["leejo_LATE_12_34_gradient (1).ipynb", "leejo_12_35_gradient-1.ipynb", "ray_13_36_x.ipynb"]
    kind, found = submissions(archive({name: b"{}" for name in names}, tmp_path))
    assert kind == "canvas" and [(one.id, one.name, list(one.files)) for one in found] == [
        ("12", "leejo", ["gradient (1).ipynb", "gradient-1.ipynb"]), ("13", "ray", ["x.ipynb"]),
    ]  # fmt: skip
    names = ["leejo_12_41_alpha.ipynb", "leejo_12_39_zeta.ipynb"]
    _, (lee,) = submissions(archive({name: b"{}" for name in names}, tmp_path))
    assert list(lee.files) == ["zeta.ipynb", "alpha.ipynb"]  # the last that was handed in comes last
    folder = "Zoë O'Neil_77_assignsubmission_file_"
    kind, found = submissions(archive({f"{folder}/sub/a.ipynb": b"{}", f"{folder}/b.txt": b""}, tmp_path))
    assert kind == "moodle" and [(one.id, one.name, list(one.files)) for one in found] == [
        ("77", "Zoë O'Neil", ["sub/a.ipynb"])
    ]
    inner = io.BytesIO(archive({"work/a.ipynb": b"{}"}, tmp_path).read_bytes())
    _, (one,) = submissions(archive({"Ann/all.zip": inner.getvalue()}, tmp_path))
    assert list(one.files) == ["work/a.ipynb"] and "all.zip: it is an archive" in one.look[0]


def test_an_archive_reaches_nothing_outside_and_stays_within_its_limits(tmp_path):
    link = zipfile.ZipInfo("Bob/b.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("Ann/../../../etc/a.ipynb", b"{}")
        made.writestr(link, "/etc/passwd")
        made.writestr("Cy/bomb.ipynb", b"0" * (MOST + 1))
        made.writestr("Dee/d.ipynb", b"{}")
    _, found = submissions(path)
    files = {one.name: list(one.files) for one in found}
    assert files.pop("Dee") == ["d.ipynb"] and not any(files.values())
    said = " ".join(why for one in found for why in one.look)
    assert "points out of the archive" in said and "is a link" in said and "larger than 20 MB" in said
    outside = tmp_path / "outside.ipynb"
    outside.write_text("{}")
    (tmp_path / "in/Eve").mkdir(parents=True)
    (tmp_path / "in/Eve/e.ipynb").symlink_to(outside)
    _, (eve,) = submissions(tmp_path / "in")
    assert not eve.files and "is a link" in eve.look[0]
    assert ALL < 2**32


@pytest.mark.parametrize("content", [None, b"no zip", b""])
def test_what_is_no_submission_at_all_is_said(tmp_path, content):
    path = tmp_path / "x.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadIntake, match="IN must be a folder, or an archive of Canvas or Moodle"):
        submissions(path)
    with pytest.raises(BadIntake, match="holds no files of students"):
        (tmp_path / "empty").mkdir()
        submissions(tmp_path / "empty")


# Attacks: each takes the place of one answer, which has no points; the others keep theirs


TEARING = ("forks", "kills")  # they take the whole sandbox down, with all that runs in it
TARGETS = [name for name, one in EXERCISES.items() if isinstance(one, Function) and name not in NAMES]
GROUPS = [
    [name for name, (lasts, _) in ATTACKS.items() if lasts == for_ever and name not in TEARING]
    for for_ever in (False, True)
]


@pytest.mark.slow
@pytest.mark.parametrize("attacks", [*GROUPS, *([one] for one in TEARING)], ids=", ".join)
def test_attacks_earn_nothing_and_take_nothing_from_anybody(course, sandboxed, attacks, tmp_path):
    """Each takes the place of one answer; the honest ones beside them keep their points."""
    secret, outside = tmp_path / "secret.txt", tmp_path / "new.txt"
    secret.write_text("the-secret")
    exercises = {name: EXERCISES[name] for name in (*NAMES, *TARGETS[: len(attacks)])}
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        words = {"PORT": server.getsockname()[1], "SECRET": str(secret), "OUTSIDE": str(outside)}
        cells = course.cells(ANSWERS)
        for attack, target in zip(attacks, TARGETS, strict=False):
            code = ATTACKS[attack][1].replace("step_back", f"attack_{len(cells)}")
            for word, instead in words.items():
                code = code.replace(word, repr(instead))
            cells.append(cell(f"{code}\n\ncheck({target!r}, attack_{len(cells)})", target))
        handed = Submission("Cy", "Cy", {"a.ipynb": course.book(cells)})
        found = grade(handed, course.assignment, exercises, sandboxed, Limits(seconds=4))
        with pytest.raises(TimeoutError):
            server.accept()
    assert points(found) == FULL | dict.fromkeys(TARGETS[: len(attacks)], 0), found
    assert "the-secret" not in str(found) and not outside.exists()


def test_nothing_that_a_student_wrote_is_markup(course):
    mark = {"a": '<script>alert("x")</script>', "b": "=HYPERLINK(1)"}
    one = Graded(mark["b"], mark["a"], "0", look=[mark["b"]])
    for name in NAMES:
        one.exercises[name] = Marked(1.0, 2, mark["a"])
    exercises = {name: EXERCISES[name] for name in NAMES}
    page = report.feedback(mark["a"], one, exercises)
    assert "<script" not in page and "&lt;script&gt;" in page and "<h2>Investigate: steady-gain, 1 of 2</h2>" in page
    for kind in ("canvas", "moodle", "folder"):
        rows = list(csv.reader(io.StringIO(report.grades(kind, "A", [one], exercises))))
        assert len({len(row) for row in rows}) == 1 and not any(value.startswith("=") for row in rows for value in row)
    assert "/" not in report.file_name(Graded("../x", "../../y", "0")) and report.file_name(Graded("..", "..", "0"))


def test_what_is_still_open_is_not_answered_and_what_cannot_be_read_is_called_so(course, graded):
    texts = ANSWERS | {"half-life": "answer = [...][0]\ncheck('half-life', answer)"}
    found = graded({"a.ipynb": course.book(course.cells(texts))})
    assert points(found) == FULL | {"half-life": 0} and found.exercises["half-life"].message == "Not answered."
    found = graded({"a.ipynb": b"<html>"}, "Dee")
    assert "can be read as a notebook" in found.exercises["half-life"].message


def test_another_assignments_copies_are_refused(course, tmp_path, capsys):
    other = replace(course.assignment, name="Week 3")
    other.save(tmp_path / "private/B.json")
    (tmp_path / "in/Ann").mkdir(parents=True)
    (tmp_path / "in/Ann/a.ipynb").write_bytes(course.book(course.cells(ANSWERS)))
    base = [str(tmp_path / "in"), "--assignment", str(tmp_path / "private/B.json"), "--out", str(tmp_path / "out")]
    assert command([*base, "--trust"]) == 1 and not (tmp_path / "out").exists()
    assert "these are copies of A, and the file is that of Week 3" in capsys.readouterr().err


def test_pages_of_those_who_are_in_the_archive_no_more_go(course, tmp_path):
    exercises = {name: EXERCISES[name] for name in NAMES}
    for names in (["Ann", "Bob"], ["Ann"]):
        found = [Graded(one, one, "0", {name: Marked(1, 2, "") for name in NAMES}) for one in names]
        report.write(tmp_path, "folder", "A", found, exercises)
    assert [page.name for page in (tmp_path / "feedback").iterdir()] == ["Ann.html"]


def test_without_a_sandbox_it_refuses(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(NoSandbox, match=r"bubblewrap is not installed; .*; docker is not installed\. Install "):
        sandbox()


NESTED = {
    "attributes": "a" + ".b" * 50_000,
    "sums": "+".join(["1"] * 50_000),
    "signs": "-" * 50_000 + "1",
    "brackets": "(" * 5_000 + ")" * 5_000,
    "blocks": "\n".join(" " * n + "if 1:" for n in range(99)) + "\n" + " " * 99 + "answer = 1",
    "functions": "lambda:" * 50_000 + "1",
    "a list": "answer = [" + "a.b, " * 10_000 + "]",
    "statements": "answer = answer\n" * 60_000,
    "calls": "check('half-life', answer)\n" * 30_000,
    "text": "x" * 2_000_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", NESTED)
def test_code_that_is_made_to_be_hard_to_read_stops_nobody(course, graded, kind):
    code = f"{NESTED[kind]}\ncheck('half-life', answer)"
    found = graded({"a.ipynb": course.book([*course.cells(ANSWERS)[:3], cell(code, "half-life")])})
    assert found.total == 0 and len(found.exercises) == 3


# What an exercise needs of a notebook


def test_only_what_the_answer_needs_is_run():
    cells = [
        Cell("import torch\nimport nowhere"), Cell("data = [1]\nother = 1 / 0\ndata.append(2)"), Cell("explore(data)"),
        Cell("def double(x):\n    return 2 * x"),
        Cell("gate = 0.9\nanswer = double(data[1])\ncheck('half-life', answer)"),
        Cell("answer = 5"),
    ]  # fmt: skip
    made = program_for(EXERCISES["half-life"], cells)
    assert "1 / 0" not in made.source and "explore" not in made.source and not made.remarks
    names = {}
    exec(made.source, names)
    assert names["__answer__"] == 4


def test_an_answer_may_stand_in_the_call_itself():
    made = program_for(EXERCISES["half-life"], [Cell("x = 200"), Cell("print(check('half-life', x + 31, gate=0.997))")])
    names = {}
    exec(made.source, names)
    assert names["__answer__"] == 231


def test_two_different_answers_are_told():
    cells = [Cell("answer = 1\ncheck('half-life', answer)"), Cell("answer = 2\ncheck('half-life', answer)")]
    made = program_for(EXERCISES["half-life"], cells)
    assert made.remarks == ("there are several different answers: the last one was taken",)


# A class


def handed_in(course: Class, folder: Path, count: int) -> None:
    """Canvas's files of so many students; some are broken, open, or half right."""
    for n in range(count):
        texts = ANSWERS | ({"half-life": STUBS["half-life"]} if n % 3 == 0 else {})
        content = course.book(course.cells(texts)) if n % 5 else b"{"
        (folder / f"student{n}_{n + 100}_{n + 900}_gradient.ipynb").write_bytes(content)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_to_the_same_grades(course, tmp_path):
    """The command itself, as `make grade` calls it."""
    try:
        sandbox()
    except NoSandbox as why:
        pytest.skip(str(why))
    handed, outs = tmp_path / "handed", [tmp_path / "one", tmp_path / "two"]
    handed.mkdir()
    handed_in(course, handed, 4)
    course.assignment.save(tmp_path / "private/A.json")
    base = [sys.executable, "-m", "classroom.grading", handed, "--assignment", tmp_path / "private/A.json"]
    whole = subprocess.run([*base, "--out", outs[0]], cwd=ROOT, capture_output=True, text=True)
    assert whole.returncode == 0, whole.stderr
    with subprocess.Popen([*base, "--out", outs[1], "--workers=1"], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert any(line.startswith(b"1/4") for line in process.stdout)
        process.kill()
    with open(outs[1] / "graded.jsonl", "a", encoding="utf-8") as file:
        file.write('{"state": "cut sho')
    again = subprocess.run(
        [*base, "--out", outs[1], "--workers=2", "--dask=local"], cwd=ROOT, capture_output=True, text=True
    )
    assert again.returncode == 0 and re.search("4 submissions, [1-3] to grade", again.stdout), again.stdout
    assert (outs[0] / "grades.csv").read_text() == (outs[1] / "grades.csv").read_text()
    rows = list(csv.reader((outs[0] / "grades.csv").read_text().splitlines()))
    assert [float(row[5]) for row in rows[2:]] == [0, 10, 10, 8]
    assert len(list((outs[0] / "feedback").glob("*.html"))) == 4


def test_notebooks_of_both_forms_are_read():
    for source in ("a\nb", ["a\n", "b"]):
        (one,) = notebook.read(json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()).cells
        assert one == Cell("a\nb")
