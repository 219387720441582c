"""Gradebooks filled in: the importers read our grades from them, and all else is as it was, byte for byte."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.assignment import Assignment
from classroom.grading import __main__ as command
from classroom.grading import report
from classroom.grading.gradebook import BadGradebook, Cell, Gradebook
from classroom.grading.judge import Graded, Marked
from platforms import read_canvas_grades, read_moodle_grades
from sevenlenses.lenses import EXERCISES

HEADER = "Student,ID,SIS User ID,SIS Login ID,Section,Notes,Essay (11),Week 2 (12),Exams Final Score,Final Score\r\n"
CANVAS = (
    HEADER + ",,,,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,(read only),10.00,20.00,(read only),(read only)\r\n"
    '"O\'Neil, Zoë",1001,S-1,zoe@x.org,"A and B",,9.50,,95.00,95.00\r\n'
    '"Lee, Ann",1002,S-2,ann,A,"says ""hi"", twice\nover two lines",,7.00,,\r\n'
    '"Lee, Ann",1003,S-3,ann2,A,,EX,EX,,\r\n'
    '"=""=1+1""",1004,,evil,A,,8.00,N/A,,\r\n'
    "測試,1005,,test5,A,,8.00, 3.00,,\r\n"
    '"Student, Test",1006,,5a7b,A,,,,,\r\n'
)
COLUMNS = "Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade)"
QUOTED = ",".join(f'"{name}"' if " " in name else name for name in COLUMNS.split(","))
MOODLE = (
    f'\ufeffIdentifier,"Full name","Email address",{QUOTED},"Feedback comments"\n'
    '"Participant 1001","Zoë O\'Neil",zoe@x.org,"Submitted for grading",,20.00,Yes,"Friday, 6 March 2026, 9:00 AM",-,\n'
    '"Participant 1002","Ann ""A."" Lee",ann@x.org,"Submitted for grading - Graded",7.00,20.00,Yes,-,-,"<p>Good,</p>\n'
    '<p>so far</p>"\n'
    '"Participant 1003","Ann Lee",ann@y.org,"No submission",,20.00,No,-,-,\n'
    '"Participant 1005",測試,t@x.org,"No submission",3.00,20.00,Yes,-,-,\n'
    '"Participant 1006","Student, Test",u@x.org,"No submission",,20.00,Yes,-,-,'
)
FILES = {"canvas": CANVAS, "moodle": MOODLE}
each_kind = pytest.mark.parametrize("kind", FILES)


def one(student: int | str, points: float, name: str = "x", message: str = "So.") -> Graded:
    return Graded(str(student), name, "0", {"half-life": Marked(points, 10, message)})


def gradebook(tmp_path, text: str, name: str = "Week 2") -> Gradebook:
    path = tmp_path / "gradebook.csv"
    path.write_bytes(text.encode())
    return Gradebook(path, name)


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@each_kind
def test_an_empty_class_leaves_every_byte(kind, tmp_path):
    book = gradebook(tmp_path, FILES[kind])
    assert book.kind == kind and book.most == 20
    assert book.fill([], 10, False) == [] and bytes(book) == FILES[kind].encode()


def test_canvas_reads_the_grades_and_nothing_else_has_changed(tmp_path):
    book = gradebook(tmp_path, CANVAS)
    handed = [
        one(1001, 7.25, "zoe"),
        one(1002, 5, "ann"),
        one(1003, 8, "ann"),
        one(1004, 9, "evil"),
        one(1007, 6, "who"),
    ]
    remarks = book.fill(handed, 10, False)
    before, after = (read_canvas_grades(text, 12) for text in (CANVAS.encode(), bytes(book)))
    assert after == before | {1001: "14.5", 1002: "10"}
    assert bytes(book).decode() == CANVAS.replace('"A and B",,9.50,,', '"A and B",,9.50,14.5,').replace(
        ",7.00,", ",10,"
    )
    assert remarks == [
        ("ann", "the gradebook had 7 points, and now has 10"),
        ("ann", "the gradebook says EX: 16 points were not entered"),
        ("evil", "the gradebook says N/A: 18 points were not entered"),
        ("who", "no rows of the gradebook are theirs: 6 of 10 points were not entered"),
    ]


def test_moodle_reads_grades_and_feedback(tmp_path):
    book = gradebook(tmp_path, MOODLE)
    said = 'It is "12", not <b>;\n=1+1'
    remarks = book.fill([one(1001, 10, "zoe", said), one(1002, 3.5, "ann"), one(1003, 8, "ann")], 10, False)
    before, after = (read_moodle_grades(text) for text in (MOODLE.encode(), bytes(book)))
    told = "half-life (10 of 10): It is &quot;12&quot;, not &lt;b&gt;;\n=1+1"
    assert after == before | {1001: (20, told), 1002: (7, "half-life (3.5 of 10): So.")}
    assert [why for _, why in remarks] == ["the gradebook says locked: 16 points were not entered"]
    same = [name not in ("Grade", "Feedback comments") for name in rows(MOODLE.encode())[0]]
    kept = [[[cell for cell, stays in zip(row, same, strict=True) if stays] for row in rows(text)]
            for text in (MOODLE.encode(), bytes(book))]  # fmt: skip
    assert kept[0] == kept[1] and bytes(book).startswith("\ufeffIdentifier".encode()) and b"\r" not in bytes(book)


@pytest.mark.parametrize("text", ['says "hi"', "a,b", "a;b", "two\nlines", "plain", ""])
@pytest.mark.parametrize("raw", ["", "7", '"7"'])
def test_what_is_put_into_a_cell_is_read_from_it(raw, text):
    cell = Cell(raw, "\n")
    cell.put(text)
    assert cell.value == text and next(csv.reader(io.StringIO(f"{cell.raw},x", newline=""))) == [text, "x"]


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)
people = st.dictionaries(st.integers(1, 9999), st.tuples(words, words, st.none() | st.integers(0, 40)), max_size=6)


@st.composite
def exported(draw) -> tuple[str, dict]:
    """A gradebook of Canvas with any names, separators, quotation marks and ends of lines, and who handed in what."""
    class_ = draw(people)
    separator, end = draw(st.sampled_from(",;")), draw(st.sampled_from(["\n", "\r\n"]))
    made = io.StringIO()
    out = csv.writer(made, delimiter=separator, lineterminator=end, quoting=draw(st.sampled_from([0, 1])))
    out.writerow(["Student", "ID", "SIS Login ID", "Section", "Week 2 (12)", "Final Score"])
    out.writerow(["    Points Possible", "", "", "", "10", "(read only)"])
    out.writerows([name, id, login, "A", "", "5"] for id, (name, login, _) in class_.items())
    text = made.getvalue()
    text = text.removesuffix(end) if draw(st.booleans()) else text
    return "\ufeff" * draw(st.booleans()) + text, {id: points for id, (_, _, points) in class_.items()}


@given(exported())
def test_any_class_comes_back_with_its_grades(tmp_path_factory, drawn):
    text, points = drawn
    folder = tmp_path_factory.mktemp("class")
    book = gradebook(folder, text)
    assert bytes(book) == text.encode()
    handed = [one(id, share / 4) for id, share in points.items() if share is not None]
    assert book.fill(handed, 10, False) == []
    read = read_canvas_grades(bytes(book), 12)
    assert read == {id: "" if share is None else f"{share / 4:g}" for id, share in points.items()}
    again = gradebook(folder, bytes(book).decode())
    assert again.fill(handed, 10, False) == [] and bytes(again) == bytes(book)
    cleared = gradebook(folder, bytes(book).decode())
    for row in cleared.rows[2:]:
        if len(row) > 1:
            row[cleared.grade].put("")
    assert bytes(cleared).replace(b'""', b"") == text.encode().replace(b'""', b"")


def test_from_a_folder_a_student_may_be_called_by_any_name_that_is_theirs_alone(tmp_path):
    book = gradebook(tmp_path, CANVAS)
    handed = [one(id, 5, id) for id in ("zoe@x.org", "S-2", "Lee, Ann", "1005")]
    remarks = book.fill(handed, 10, True)
    assert {id: grade for id, grade in read_canvas_grades(bytes(book), 12).items() if grade == "10"}.keys() == {
        1001, 1002, 1005,
    }  # fmt: skip
    assert ("Lee, Ann", "2 rows of the gradebook are theirs: 5 of 10 points were not entered") in remarks


def test_without_points_in_the_gradebook_ours_are_entered(tmp_path):
    book = gradebook(tmp_path, CANVAS.replace("10.00,20.00", "10.00,"))
    book.fill([one(1001, 7.25)], 10, False)
    assert book.most is None and read_canvas_grades(bytes(book), 12)[1001] == "7.25"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has the columns "),
        (b"Student,Total\nAnn,3\n", "has the columns Student, Total. Export it again."),
        (b"Bezeichner,Bewertung\n", "in English"),
        ("Identifier,Grade\nZoë,1\n".encode("latin-1"), "as UTF-8"),
        (
            CANVAS.replace("Week 2 (12)", "Week 3 (12)").encode(),
            "it has 0, and these assignments: Essay (11), Week 3 (12)",
        ),
        (CANVAS.replace("Essay", "Week 2").encode(), "GRADEBOOK must have one column 'Week 2'; it has 2"),
        (CANVAS.replace("測試,", "測試").encode(), "row 8: a row has 10 cells; got 9"),
        (CANVAS.replace('A,"says', 'A,"s"ays').encode(), "line 5 has a quotation mark astray"),
    ],
)
def test_what_is_no_gradebook_is_said(tmp_path, content, said):
    with pytest.raises(BadGradebook, match=re.escape(said)):
        (tmp_path / "gradebook.csv").write_bytes(content)
        Gradebook(tmp_path / "gradebook.csv", "Week 2")


def test_the_grades_that_we_write_without_a_gradebook_import_too():
    exercises = {"half-life": EXERCISES["half-life"]}
    made = {kind: report.grades(kind, "Week 2 (12)", [one(1001, 2)], exercises).encode() for kind in FILES}
    assert read_canvas_grades(made["canvas"], 12) == {1001: "2"}
    assert read_moodle_grades(made["moodle"]) == {1001: (2, "half-life (2 of 10): So.")}


# The command


@pytest.fixture
def handed(tmp_path):
    """An assignment, and what two students handed in to Canvas: nothing that can be read."""
    (tmp_path / "in").mkdir()
    for name in ("zoe_1001_5_a.ipynb", "who_1009_6_a.ipynb"):
        (tmp_path / "in" / name).write_bytes(b"{")
    exercises = {"half-life": EXERCISES["half-life"].version}
    Assignment("Week 2", "5e" * 32, ("gradient",), exercises).save(tmp_path / "private/A.json")
    options = ["--assignment", tmp_path / "private/A.json", "--out", tmp_path / "out", "--trust", "--workers", 1]
    return tmp_path, list(map(str, [tmp_path / "in", *options, "--gradebook", tmp_path / "gradebook.csv"]))


def test_the_command_fills_a_gradebook_and_loses_nobody(handed, capsys):
    folder, options = handed
    (folder / "gradebook.csv").write_bytes(CANVAS.encode())
    assert command.main(options) == 0
    assert "The gradebook has 20 points for what has 2 here: its grades are scaled." in capsys.readouterr().out
    assert (folder / "gradebook.csv").read_bytes() == CANVAS.encode()
    assert read_canvas_grades((folder / "out/grades.csv").read_bytes(), 12)[1001] == "0"
    look = rows((folder / "out/look.csv").read_bytes())
    assert ["who", "no rows of the gradebook are theirs: 0 of 2 points were not entered"] in look
    assert command.main([*options, "--column", "Essay"]) == 0
    assert read_canvas_grades((folder / "out/grades.csv").read_bytes(), 11)[1001] == "0"


def test_a_gradebook_of_the_other_system_is_refused_before_anything_is_graded(handed, capsys):
    folder, options = handed
    (folder / "gradebook.csv").write_bytes(MOODLE.encode())
    assert command.main(options) == 1 and not (folder / "out").exists()
    assert "GRADEBOOK and IN must be of one system; got moodle and canvas." in capsys.readouterr().err
