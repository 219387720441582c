"""The ledger of claims: complete, made from the records, the same on every page, and able to come out otherwise."""

import csv
import dataclasses
import re

import pytest

from pages import CHAPTERS
from sevenlenses import ledger, records
from sevenlenses.figures import spelled
from sevenlenses.lens import Claim, Lens
from sevenlenses.lenses import EXPERIMENTS, LENSES
from sevenlenses.records import RecordError

COLUMNS = ["id", "claim", "experiment", "value", "low", "high", "seeds", "verdict", "figure", "scope"]
COUNTS = {"G": 3, "C": 3, "T": 2, "A": 3, "B": 3, "M": 3, "S": 4, "Y": 1, "K": 6, "R": 4, "Q": 20}
WAITING = {"S4"}  # for a GPU
SETTLED = {claim.id: claim for lens in LENSES.values() for claim in lens.claims}
KINDS = {"holds": "holds", "holds with a caveat": "caveat", "fails as stated": "fails", "open": "open"}


def numbers_apart(text: str) -> tuple[str, list[float]]:
    """Words without their numbers, and the numbers: another processor may round the last digit otherwise."""
    number = r"\d+(?:\.\d+)?(?:e-?\d+)?"
    text = re.sub(r" × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"e\1", text.replace(",", "").replace("\N{NO-BREAK SPACE}", " "))
    text = text.translate(str.maketrans("⁻·⁰¹²³⁴⁵⁶⁷⁸⁹", "-.0123456789"))
    return re.sub(number, "0", text), [float(one) for one in re.findall(number, text)]


# The file


def test_the_file_has_its_columns_and_every_claim_once_in_order():
    with ledger.home().open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == COLUMNS
    assert [line[0] for line in lines[1:]] == [
        f"{letter}{n}" for letter, many in COUNTS.items() for n in range(1, many + 1)
    ]


def test_the_page_counts_what_the_file_says():
    with ledger.home().open(encoding="utf-8", newline="") as file:
        said = [row["verdict"].partition(":")[0] for row in csv.DictReader(file)]
    kinds = {"holds": "holds", "caveat": "holds with a caveat", "fails": "fails as stated", "waiting": "open"}
    counted = {name: said.count(words) for name, words in kinds.items()}
    assert ledger.tally() == {"claims": len(said), **counted}
    assert sum(counted.values()) == len(said)


@pytest.mark.parametrize("row", ledger.read(), ids=lambda row: row.id)
def test_a_row_says_a_verdict_and_where_it_comes_from(row):
    kind = row.verdict.partition(":")[0]
    assert row.kind == KINDS[kind]
    assert (row.kind == "open") == (row.id in WAITING) and row.id in SETTLED
    if row.kind == "open":
        assert (row.experiment, row.value, row.low, row.high, row.seeds, row.figure) == ("",) * 6
        assert "recorded yet" in row.verdict and row.scope  # what it waits for
    else:
        assert re.search(r"layer|unit|LSTM|words|weights", row.scope), "what the verdict rests on: models first"
        assert re.search(r"step|counted|untrained|CPU|inputs", row.scope), "and how long they were trained, if at all"
        assert float(row.low) <= float(row.value) <= float(row.high)
        assert int(row.seeds) == len(EXPERIMENTS[row.experiment].seeds)
    assert (row.kind in ("caveat", "fails")) <= (
        len(row.verdict) > len(kind) + 20
    )  # what the caveat is, what is true instead


@pytest.mark.slow
@pytest.mark.parametrize("page_and_claim", ledger.claims(), ids=lambda one: one[1].id)
def test_the_file_is_what_the_records_give(page_and_claim):
    now = ledger.settle(*page_and_claim)
    (then,) = [row for row in ledger.read() if row.id == now.id]
    words, numbers = numbers_apart(now.verdict)
    assert words == numbers_apart(then.verdict)[0]
    assert numbers == pytest.approx(numbers_apart(then.verdict)[1], rel=0.02, abs=0.011)
    for name in ("value", "low", "high"):
        if then.value:
            assert float(getattr(now, name)) == pytest.approx(float(getattr(then, name)), rel=0.02)
    fixed = [name for name in COLUMNS if name not in ("verdict", "value", "low", "high")]
    assert [getattr(now, name) for name in fixed] == [getattr(then, name) for name in fixed]


# The pages


# Of each row with a verdict: its cells as they are read, what they are to a screen reader, and its links.
ROWS = """() => [...document.querySelectorAll("[role=table]")]
    .filter((table) => [...table.querySelectorAll("[role=columnheader]")].some((one) => one.innerText === "Verdict"))
    .flatMap((table) => [...table.querySelectorAll("[role=row]")]).filter((row) => row.checkVisibility())
    .map((row) => [
        [...row.cells].map((one) => one.innerText.trim().replace(/\\s+/g, " ")),
        [...row.cells].map((one) => one.role),
        [...row.querySelectorAll("a")].map((one) => [one.innerText, one.getAttribute("href")]),
    ])"""


@pytest.mark.parametrize("page", [f"book/{name}" for name in (*LENSES, "ledger") if f"book/{name}" in CHAPTERS])
def test_pages_show_the_rows_of_the_file(visit, book, page):
    tab = visit(page)
    name = page.removeprefix("book/")
    rows = [row for row in ledger.read() if name == "ledger" or row.id in {claim.id for claim in LENSES[name].claims}]
    _, *shown = tab.evaluate(ROWS)
    assert rows
    for row, (cells, kinds, links) in zip(rows, shown, strict=True):
        assert kinds == ["rowheader", "cell", "cell", "cell"]
        verdict = " ".join(f"{row.verdict} Rests on: {row.scope}.".split())
        assert [cells[0], cells[1], cells[3]] == [row.id, row.claim, verdict]
        if row.value:
            assert [spelled(row.value), row.figure] in links
            file, _, anchor = row.figure.partition("#")
            assert f'id="{anchor}"' in (book / "book" / file).read_text(encoding="utf-8")


# What can go wrong


def test_a_missing_record_stops_the_ledger(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "home", lambda: tmp_path)
    with pytest.raises(RecordError, match="run `make record`"):
        ledger.settle("capacity", SETTLED["C1"])


@pytest.mark.parametrize("text", [None, "", "id,claim\n1,2\n", "a,b\n"])
def test_a_ledger_that_is_none_is_said_with_the_remedy(tmp_path, monkeypatch, text):
    monkeypatch.setattr(records, "home", lambda: tmp_path)
    if text is not None:
        (tmp_path / "ledger.csv").write_text(text)
    with pytest.raises(RecordError, match=r"run `make ledger`\.$"):
        ledger.read()


def test_what_is_written_is_read(tmp_path, monkeypatch):
    rows = ledger.read()
    rows[0] = dataclasses.replace(rows[0], verdict='holds: "so", they say,\nin two lines')
    monkeypatch.setattr(records, "home", lambda: tmp_path)
    ledger.write(rows)
    assert ledger.read() == rows
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.csv"]


def test_hostile_words_stay_words(monkeypatch):
    hostile = "<script>alert(1)</script>"
    monkeypatch.setattr(
        ledger, "LENSES", {"hostile": Lens("hostile", hostile, {}, claims=(Claim("G1", hostile, hostile),))}
    )
    row = ledger.Row("G1", hostile, hostile, "1", "1", "1", "1", f"holds: {hostile}", hostile, hostile)
    assert "<script" not in ledger.Table([row], ["hostile"])._repr_html_()


def test_an_unknown_lens_is_said_with_the_names_of_the_lenses():
    with pytest.raises(ValueError, match=r"no lens 'depth'; the lenses are reading, kata, gradient, capacity"):
        ledger.verdicts("depth")


def test_no_verdict_has_a_machine_s_numbers():
    assert not [
        row.id for row in ledger.read() if re.search(r"\de[+-]?\d|\W-\d|\^\d|\d %", f"{row.claim} {row.verdict}")
    ]
