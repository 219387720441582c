"""What is handed out: every student's own numbers, no solution, no secret; and what the instructor gets."""

import ast
import csv
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import nbformat
import platformdirs
import pytest
from filelock import FileLock

from classroom import assign
from classroom.assign import BadPlan, plan, slug, students
from classroom.assignment import EVERYBODY, Assignment, BadAssignment, load, new_secret
from classroom.copies import CannotCopy, Chapter, chapters, instructors_copy, is_solution, student_copy, written
from classroom.grading.intake import submissions
from classroom.grading.judge import grade
from classroom.grading.sandbox import Limits, NoSandbox, sandbox
from classroom.key import answer_of, exercises_of, key_page, numbers_table
from classroom.sources import for_nbgrader, for_otter
from sevenlenses.exercises import Number
from sevenlenses.exercises.cells import checked
from sevenlenses.lenses import EXERCISES, LENSES

ROOT = Path(__file__).parents[1]
ORDER = re.findall(r"book/(\w+)$", (ROOT / "_toc.yml").read_text(), re.MULTILINE)
WITH_EXERCISES = [name for name in LENSES if LENSES[name].exercises]


@pytest.fixture(scope="module")
def every(book) -> dict:
    """All chapters. (Their numbers are taken from the book.)"""
    return {one.name: one for one in chapters(WITH_EXERCISES)}


def assignment(*students: str, names=WITH_EXERCISES) -> Assignment:
    versions = {one.name: one.version for name in names for one in LENSES[name].exercises}
    return Assignment("Week 2", new_secret(), tuple(names), versions, "abc", students)


def code_of(notebook: dict) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def statements(source: str) -> set[str]:
    """The statements of a piece of code that are not imports, also those inside of functions."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    return {ast.dump(node) for node in found if not isinstance(node, ast.Import | ast.ImportFrom)}


def lines(source: str) -> set[str]:
    return {line.strip() for line in source.splitlines() if len(line.strip()) > 12}


def holds_no_solution(copy: dict, chapter: Chapter, made: Assignment, student: str) -> bool:
    """Whether by syntax tree and by text there is no solution, no value and no secret in a student's notebook."""
    text, held = written(copy), set().union(*(statements(code) for code in code_of(copy) if "%pip" not in code))
    assert not any(is_solution(cell) for cell in copy["cells"]) and "hide-cell" not in text
    for exercise, (_, stub, solution) in exercises_of(chapter, made, student).items():
        own = statements(solution) - statements(stub)
        assert own and not own & held, exercise.name
        told = "\n".join("".join(cell["source"]) for cell in copy["cells"])
        assert not (lines(solution) - lines(stub)) & lines(told), exercise.name
        assert str(made.seed(student, exercise)) not in text
        if isinstance(exercise, Number):
            digits = repr(answer_of(exercise, chapter, made, student))
            assert len(digits) < 8 or digits not in text, exercise.name
    return made.secret not in text


@pytest.mark.parametrize("name", WITH_EXERCISES)
def test_no_student_file_holds_a_solution(every, name):
    made = assignment("Ann")
    assert holds_no_solution(student_copy(every[name], made, "Ann"), every[name], made, "Ann")


@pytest.mark.parametrize("name", WITH_EXERCISES)
def test_a_copy_states_its_students_numbers_its_points_and_its_mark(every, name):
    made = assignment("Ann", "Bob")
    for student in ("Ann", "Bob", EVERYBODY):
        copy = student_copy(every[name], made, student)
        nbformat.validate(nbformat.from_dict(copy))
        text = "\n".join("".join(cell["source"]) for cell in copy["cells"])
        assert not re.search("[\ue000\ue001]", text)
        assert copy["metadata"]["sevenlenses"]["copy"] == made.copy_of(student)
        marks = {
            cell["metadata"]["sevenlenses"]["exercise"]: cell
            for cell in copy["cells"]
            if "sevenlenses" in cell["metadata"]
        }
        assert list(marks) == [one.name for one in every[name].exercises]
        for exercise in every[name].exercises:
            stated = made.parameters(student, exercise)
            stub = "".join(marks[exercise.name]["source"])
            assert all(f"\n{key} = {value!r}\n" in f"\n{stub}" for key, value in stated.items())
            assert marks[exercise.name]["metadata"]["sevenlenses"]["points"] == exercise.points
            said = f"({exercise.points} points)"
            assert said in text
        assert text.count("Your guess, before you compute") == sum(e.kind == "predict" for e in every[name].exercises)
    assert student_copy(every[name], made, "Ann") != student_copy(every[name], made, "Bob")


@pytest.mark.parametrize("name", WITH_EXERCISES)
def test_the_instructor_has_solutions_numbers_and_a_key(every, name):
    made = assignment("Ann", names=[name])
    solved = [checked(code) for code in code_of(instructors_copy(every[name], made, EVERYBODY))]
    ids = [one.name for one in every[name].exercises]
    assert [one for found in solved for one in found] == [one for one in ids for _ in range(2)]
    page, table = key_page([every[name]], made), numbers_table([every[name]], made)
    assert (page.count("<section>") == len(ids) and "<math" in page) or "$" not in page
    assert [row.split(",")[:2] for row in table.splitlines()[1:]] == [["Ann", one] for one in ids]


def test_numbers_hang_on_secret_student_and_exercise_alone():
    one, other = assignment("Ann"), assignment("Ann")
    (first, second), third = LENSES["gradient"].exercises[:2], LENSES["capacity"].exercises[0]
    again = Assignment(one.name, one.secret, one.chapters, one.exercises)
    seeds = {
        made.seed(who, what) for made in (one, other) for who in ("", "Ann", "An") for what in (first, second, third)
    }
    assert len(seeds) == 18 and again.seed("Ann", first) == one.seed("Ann", first)
    assert one.owner(one.copy_of("Ann")) == "Ann" and one.owner(one.copy_of("Bob")) is None
    assert one.owner(one.copy_of(EVERYBODY)) == EVERYBODY and one.secret not in repr(one)


# For otter-grader and nbgrader


@pytest.fixture(scope="module")
def graders() -> Path:
    """The folder of both tools' commands. It takes a while to fill, so it is kept."""
    pins = Path(__file__).parent / "data/graders.txt"
    made_of = hashlib.sha256(pins.read_bytes() + (ROOT / "requirements.lock").read_bytes() + sys.prefix.encode())
    kept = platformdirs.user_cache_path("sevenlenses-tests") / f"graders-{made_of.hexdigest()[:12]}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock"):
        if not (kept / "ready").exists():
            venv.create(kept, clear=True, with_pip=True)
            (above,) = kept.glob("lib/python*/site-packages")
            (above / "below.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT / 'src'}\n")
            wanted = ["install", "--quiet", "-c", "requirements.lock", "-r", pins]
            uv = [sys.executable, "-m", "uv", "pip", *wanted, "--python", kept / "bin/python"]
            if subprocess.run(uv, cwd=ROOT, capture_output=True).returncode:
                subprocess.run([kept / "bin/python", "-m", "pip", *wanted], cwd=ROOT, check=True)  # takes minutes
            (kept / "ready").touch()
    return kept / "bin"


def run(command: list, folder: Path) -> str:
    path = {"PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([*map(str, command)], cwd=folder, env=os.environ | path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


BY_OTTER = """
import sys
from otter.assign import main
for name in sys.argv[1:]:
    main(f"{name}.ipynb", f"dist/{name}", no_run_tests=True)
"""


@pytest.mark.slow
def test_what_otter_and_nbgrader_hand_out_holds_no_solution(every, graders, tmp_path):
    made = assignment()
    for_otter(list(every.values()), made, tmp_path)
    run([graders / "python", "-c", BY_OTTER, *every], tmp_path / "Week-2")
    for_nbgrader(list(every.values()), made, tmp_path)
    run([graders / "nbgrader", "generate_assignment", "Week-2"], tmp_path)
    for name, chapter in every.items():
        for path in (f"Week-2/dist/{name}/student", "release/Week-2"):
            copy = json.loads((tmp_path / path / f"{name}.ipynb").read_text())
            assert holds_no_solution(copy, chapter, made, EVERYBODY) and "judged" not in written(copy)
            assert copy["metadata"]["sevenlenses"]["copy"] == made.copy_of(EVERYBODY)
            assert [one for code in code_of(copy) for one in checked(code)] == [one.name for one in chapter.exercises]


FORGED = """\
import sevenlenses.checks
from sevenlenses.exercises import right
from sevenlenses.lenses import EXERCISES

for one in EXERCISES.values():
    object.__setattr__(one, "judge", lambda *_, **__: right("yes"))
sevenlenses.checks.check = lambda *_, **__: right("yes")
"""
GIVEN = {  # by student: what stands in place of the dots, and the points
    "ann": {"half-life": ("answer = __import__('math').log(0.5) / __import__('math').log(gate)", 2),
            "backward-step": ("def step_back(gradient, h, W):\n    return (gradient * (1 - h**2)) @ W", 4)},
    "bob": {"half-life": ("answer = 1.03 * __import__('math').log(0.5) / __import__('math').log(gate)", 1)},
    "eve": {"half-life": (f"{FORGED}answer = 1", 0), "backward-step": ("step_back = print", 0)},
}  # fmt: skip


def handed_in(copy: Path, student: str) -> bytes:
    """A copy with a student's answers; the chapter's explorers went."""
    book = json.loads(copy.read_text())
    book["cells"] = [cell for cell in book["cells"] if "explore(" not in "".join(cell["source"])]
    for cell in book["cells"]:
        source, name = "".join(cell["source"]), cell["metadata"].get("sevenlenses", {}).get("exercise")
        if given := GIVEN[student].get(name):
            cell["source"] = source.replace("check(", f"{given[0]}\ncheck(")
    return json.dumps(book).encode()


def earned(student: str) -> int:
    return sum(points for _, points in GIVEN[student].values())


@pytest.fixture(scope="module")
def two(every) -> Assignment:
    """Two exercises of a chapter."""
    whole = assignment(names=["gradient"])
    return replace(whole, exercises={name: whole.exercises[name] for name in ("half-life", "backward-step")})


@pytest.mark.slow
def test_otter_grades_by_our_judge(every, two, graders, tmp_path):
    for_otter([every["gradient"]], two, tmp_path)
    folder = tmp_path / "Week-2"
    run([graders / "otter", "assign", "gradient.ipynb", "dist"], folder)  # which grades the solutions as well
    (archive,) = (folder / "dist/autograder").glob("*.zip")
    for student in GIVEN:
        (folder / f"{student}.ipynb").write_bytes(handed_in(folder / "dist/student/gradient.ipynb", student))
        run([graders / "otter", "run", "-a", archive, f"{student}.ipynb"], folder)
        told = json.loads((folder / "results.json").read_text())["tests"]
        assert sum(one.get("score", 0) for one in told) == earned(student), student
        assert {one["name"]: one["max_score"] for one in told if "max_score" in one} == {
            "half-life": 2, "backward-step": 4,
        }  # fmt: skip


@pytest.mark.slow
def test_nbgrader_grades_by_our_judge_and_so_does_make_grade(every, two, graders, tmp_path):
    for_nbgrader([every["gradient"]], two, tmp_path)
    run([graders / "nbgrader", "generate_assignment", "Week-2"], tmp_path)
    for student in GIVEN:
        folder = tmp_path / "submitted" / student / "Week-2"
        folder.mkdir(parents=True)
        (folder / "gradient.ipynb").write_bytes(handed_in(tmp_path / "release/Week-2/gradient.ipynb", student))
    run([graders / "nbgrader", "autograde", "Week-2"], tmp_path)
    run([graders / "nbgrader", "export"], tmp_path)
    rows = list(csv.DictReader((tmp_path / "grades.csv").read_text().splitlines()))
    assert {row["student_id"]: float(row["score"]) for row in rows} == {one: earned(one) for one in GIVEN}
    assert {float(row["max_score"]) for row in rows} == {6}
    try:
        sandboxed = sandbox()
    except NoSandbox as why:
        pytest.skip(str(why))
    exercises = {name: EXERCISES[name] for name in two.exercises}
    for one in submissions(tmp_path / "submitted")[1]:
        assert grade(one, two, exercises, sandboxed, Limits()).total == earned(one.id)


# The command


def command(*options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "classroom.assign", *map(str, options)], cwd=ROOT, capture_output=True, text=True
    )


@pytest.mark.usefixtures("book")
def test_assigning_twice_keeps_the_numbers_and_the_secret_is_the_instructors(tmp_path):
    roster = tmp_path / "students.csv"
    roster.write_text("name,student\nA,ann@x.org\nZ,Zoë O'Neil\n", encoding="utf-8")
    base = [
        "--chapter",
        "gradient",
        "--name",
        "Week 2",
        "--roster",
        roster,
        "--leave-out",
        "steady-gain",
        "--out",
        tmp_path / "o",
    ]
    done = command(*base)
    assert done.returncode == 0 and "2 exercises, 2 copies" in done.stdout, done.stderr
    found = {
        path.relative_to(tmp_path / "o").as_posix(): path.read_bytes() for path in (tmp_path / "o").rglob("*.ipynb")
    }
    assert set(found) == {
        "Week-2/instructor/gradient.ipynb",
        "Week-2/student/ann-x.org/gradient.ipynb",
        "Week-2/student/Zoë-O-Neil/gradient.ipynb",
    }
    text = found["Week-2/student/ann-x.org/gradient.ipynb"].decode()
    assert re.findall(r"### \d · \w+ \((.+?)\)", text) == ["2 points", "4 points", "not graded"]
    secret = tmp_path / "o/Week-2/private/Week-2.json"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600 and stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    assert (tmp_path / "o/Week-2/instructor/key.pdf").read_bytes().startswith(b"%PDF")
    before = load(secret)
    assert command(*base).returncode == 0 and load(secret) == before
    roster.write_text("student\nann@x.org\nZoë O'Neil\nlate@x.org\n", encoding="utf-8")
    assert command(*base).returncode == 0 and load(secret).students[:2] == before.students
    before = load(secret)
    roster.write_text("student\nann@x.org\n", encoding="utf-8")
    for change in (
        [],
        ["--chapter", "capacity", "--leave-out", ""],
        ["--leave-out", ""],
    ):  # what is handed out is judged as it was
        refused = command(*base, *change)
        assert refused.returncode == 1 and "Week 2 is assigned already" in refused.stderr and load(secret) == before
    refused = command(*base, "--seed", "another")
    assert refused.returncode == 1 and "SEED would change it" in refused.stderr and load(secret) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a plan has [[assignment]] tables"),
        ("x = ", "PLAN must be a TOML file"),
        ("[[assignment]]\nchapters = 'gradient'", "`chapters` is a list of names"),
        ("[[assignment]]\nchapters = []", "`chapters` is a list of names"),
        ("[[assignment]]\nchapter = ['gradient']", "the keys are chapters, leave_out, name; got 'chapter'"),
        ("[[assignment]]\nname = 3\nchapters = ['gradient']", "`name` is text; got 3"),
        ("[[assignment]]\nname='a b'\nchapters=['x']\n[[assignment]]\nname='a/b'\nchapters=['x']", "two are 'a-b'"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_said(tmp_path, text, said):
    path = tmp_path / "term.toml"
    path.write_text(text)
    with pytest.raises(BadPlan, match=re.escape(said)):
        plan(path)


def test_a_plan_is_a_terms_assignments(tmp_path):
    path = tmp_path / "term.toml"
    path.write_text(
        "[[assignment]]\nname='W1'\nchapters=['gradient']\n[[assignment]]\nchapters=['capacity', 'credit']\n"
    )
    assert [(one.name, one.chapters) for one in plan(path)] == [
        ("W1", ("gradient",)), ("capacity, credit", ("capacity", "credit")),
    ]  # fmt: skip


def test_the_guide_names_every_chapters_minutes_and_exercises_and_its_plans_can_be_followed(tmp_path):
    guide = (ROOT / "book/instructors.md").read_text()
    rows = re.findall(r"^\| \[[^]]*\]\((\w+)\.md\) \| [^|]+ \| (\d+) \| ([^|]+) \|$", guide, re.MULTILINE)
    assert [name for name, _, _ in rows] == [name for name in ORDER if name in WITH_EXERCISES]
    for name, minutes, exercises in rows:
        assert f"About {minutes} minutes" in (ROOT / f"book/{name}.md").read_text()
        assert re.findall("`(.+?)`", exercises) == [one.name for one in LENSES[name].exercises]
    points = {sum(one.points for one in LENSES[name].exercises) for name in WITH_EXERCISES}
    assert points == {10} and "with 10 points together" in guide
    plans = re.findall(r"```toml\n(\[\[assignment.+?)```", guide, re.DOTALL)
    assert [len(followed(text, tmp_path)) for text in plans] == [4, 8]


def followed(text: str, folder: Path) -> list:
    (folder / "term.toml").write_text(text)
    found = plan(folder / "term.toml")
    for one in found:
        exercises = {exercise.name for name in one.chapters for exercise in LENSES[name].exercises}
        assert set(one.leave_out) < exercises and len(exercises) == 3 * len(one.chapters)
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a column `student` and a row for each; it has no rows"),
        ("name\nAnn\n", "a column `student` and a row for each; it has the columns name"),
        ("student\nAnn\nBob\nAnn\n", "'Ann' appears twice, in lines 2 and 4. Remove one."),
        ("student\n''\n", "line 2: a student's name must have one to 80 letters; got ''"),
        ("student\n..\n", "got '..'"),
        ("student,mail\nDoe, Jane,j@x.org\n", "line 2: a row has more cells than the first. Quote a name"),
    ],
)
def test_a_roster_that_names_nobody_or_one_twice_is_said(tmp_path, text, said):
    path = tmp_path / "students.csv"
    path.write_text(text.replace("''", '""'))
    with pytest.raises(BadPlan, match=re.escape(said)):
        students(path)


def test_what_is_not_there_is_said(tmp_path, capsys):
    with pytest.raises(CannotCopy, match=r"CHAPTER must be one or more of reading, .*; got 'gradients'"):
        chapters(["gradients"])
    for text in (None, "{", "{}", '{"name": 3, "chapters": 3}'):
        path = tmp_path / "a.json"
        if text is not None:
            path.write_text(text)
        with pytest.raises(BadAssignment, match="ASSIGNMENT must be the file that `make assign` wrote"):
            load(path)
    assert assign.main(["--chapter", "nowhere", "--out", str(tmp_path)]) == 1
    assert "CHAPTER must be" in capsys.readouterr().err
    assert slug("../a b") == "a-b" and json.loads(written({"a": 1})) == {"a": 1}
