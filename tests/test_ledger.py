"""The ledger of claims: complete, made from the records, the same on every page, and able to come out otherwise."""

import csv
import dataclasses
import re

import numpy as np
import pytest

from pages import CHAPTERS
from sevenlenses import ledger, records
from sevenlenses.figures import spelled
from sevenlenses.lens import Claim
from sevenlenses.lenses import EXPERIMENTS, LENSES
from sevenlenses.lenses.scaling.ways import LENGTHS
from sevenlenses.records import RecordError

COLUMNS = ["id", "claim", "experiment", "value", "low", "high", "seeds", "verdict", "figure"]
COUNTS = {"G": 3, "C": 3, "T": 2, "A": 3, "B": 3, "M": 2, "S": 3, "Y": 1, "K": 6, "R": 4, "Q": 20}
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


@pytest.mark.parametrize("row", ledger.read(), ids=lambda row: row.id)
def test_a_row_says_a_verdict_and_where_it_comes_from(row):
    kind = row.verdict.partition(":")[0]
    assert row.kind == KINDS[kind]
    assert (row.kind == "open") == (row.id not in SETTLED)
    if row.kind == "open":
        assert (row.experiment, row.value, row.low, row.high, row.seeds, row.figure) == ("",) * 6
    else:
        assert float(row.low) <= float(row.value) <= float(row.high)
        assert int(row.seeds) == len(EXPERIMENTS[row.experiment].seeds)
    assert (row.kind in ("caveat", "fails")) <= (
        len(row.verdict) > len(kind) + 20
    )  # what the caveat is, what is true instead


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


@pytest.mark.parametrize("page", [f"book/{name}" for name in (*LENSES, "ledger") if f"book/{name}" in CHAPTERS])
def test_pages_show_the_rows_of_the_file(visit, book, page):
    tab = visit(page)
    shown = tab.get_by_role("table").filter(has=tab.get_by_role("columnheader", name="Verdict")).get_by_role("row")
    name = page.removeprefix("book/")
    rows = [row for row in ledger.read() if name == "ledger" or row.id in {claim.id for claim in LENSES[name].claims}]
    assert rows and shown.count() == len(rows) + 1
    for i, row in enumerate(rows, 1):
        one = shown.nth(i)
        assert one.get_by_role("rowheader").inner_text() == row.id
        cells = one.get_by_role("cell").all()
        assert cells[0].inner_text() == row.claim
        assert " ".join(cells[2].inner_text().split()) == " ".join(row.verdict.split())
        if row.value:
            link = cells[1].get_by_role("link", name=spelled(row.value))
            assert link.get_attribute("href") == row.figure
            file, _, anchor = row.figure.partition("#")
            assert f'id="{anchor}"' in (book / "book" / file).read_text(encoding="utf-8")


# Verdicts hang on the numbers


def doctored(change):
    """A `load` whose results have gone through `change`, a function of the result."""

    def load(experiment, settings, seeds=None):
        return change(records.load(experiment, settings, seeds))

    return load


def with_(**arrays):
    """Results whose named arrays are computed anew from the old ones; others are left alone."""

    def change(result):
        new = {name: make(getattr(result, name)) for name, make in arrays.items() if hasattr(result, name)}
        return dataclasses.replace(result, **new)

    return change


def model(index: int, to: float):
    """An array (seeds, models, ...) in which one model has the value `to`."""

    def change(array: np.ndarray) -> np.ndarray:
        array = array.copy()
        array[:, index] = to
        return array

    return change


OTHERWISE = {  # claim: records that would turn the verdict
    "G3": with_(
        final=lambda a: np.where(np.arange(a.shape[1])[None, :, None] < 6, 0.1, a)
    ),  # no start of an LSTM helps
    "C1": with_(final=lambda a: np.full_like(a, 0.9)),
    "C2": with_(final=lambda a: np.full_like(a, 0.95)),
    "C3": with_(final=lambda a: np.full_like(a, 0.5)),
    "T1": with_(final=lambda a: np.full_like(a, 0.99)),
    "T2": with_(final=lambda a: np.where(np.arange(a.shape[2]) == 2, 0.5, a) if a.ndim == 3 else a),
    "A1": with_(off=np.zeros_like),
    "A2": with_(mass=lambda a: np.full_like(a, 0.5)),  # LSTM and attention alike
    "A3": with_(top=np.zeros_like),
    "B1": with_(lengths=lambda a: np.full_like(a, 0.5)),
    "B3": with_(right=np.ones_like),
    "M1": with_(drift=np.zeros_like),
    "M2": with_(drift=lambda a: a + 1e-7),
    "S2": with_(seconds=np.ones_like),
    "K4": with_(seconds=lambda a: a * np.array(LENGTHS) if a.shape[-1] == len(LENGTHS) else a),  # as the square
    "K5": with_(learned=lambda a: np.full_like(a, 0.1)),
    "K6": with_(final=lambda a: np.full_like(a, 0.1)),  # nothing mends it, a chrono start neither
    "R1": with_(apart=lambda a: a + 1e-7),
    "R3": with_(held=np.ones_like),  # nobody loses a sentence
    "R4": with_(gates=lambda a: a[..., ::-1, :]),  # the stop first
    "Y1": with_(final=np.ones_like),  # nothing to gain for any step
    "Q4": with_(final=np.ones_like, used=np.ones_like),  # whatever is shared, nothing is lost
    "Q5": with_(final=model(1, 0.5)),  # without an output gate much is lost
    "Q7": with_(changed=np.ones_like),  # the answer changes whichever value does
    "Q14": with_(
        final=lambda a: a * 0 + np.where(np.arange(a.shape[1])[:, None] < 1, 1.0, 0.1)
    ),  # the RNN alone learns
    "Q17": with_(right=model(1, 0.2)),  # gates that share their weights fail
    "Q12": with_(told=np.ones_like),  # the last state tells every token
    "Q13": with_(final=model(0, 0.5)),  # one layer does not do
    "Q18": with_(
        final=lambda a: np.where(np.arange(a.shape[1])[:, None] < 3, np.ones_like(a), 0.1)
    ),  # the LSTM alone does all
    "Q19": with_(each=np.zeros_like),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_other_records_give_another_verdict(name):
    claim = SETTLED[name]
    kind = claim.settle(records.load).verdict.partition(":")[0]
    assert claim.settle(doctored(OTHERWISE[name])).verdict.partition(":")[0] != kind


def test_every_claim_that_rests_on_records_is_tried_with_others():
    assert {name for name, claim in SETTLED.items() if claim.experiment.recorded} == set(OTHERWISE)


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
    monkeypatch.setattr(ledger, "claims", lambda: [("", Claim("G1", hostile, hostile))])
    row = ledger.Row("G1", hostile, hostile, "1", "1", "1", "1", f"holds: {hostile}", hostile)
    assert "<script" not in ledger.Table([row])._repr_html_()


def test_an_unknown_lens_is_said_with_the_names_of_the_lenses():
    with pytest.raises(ValueError, match=r"no lens 'depth'; the lenses are reading, kata, gradient, capacity"):
        ledger.verdicts("depth")


@pytest.mark.parametrize(
    ("number", "said"),
    [("0.793", "0.793"), ("-0.00186", "−0.00186"), ("1.74e-16", "1.74 × 10⁻¹⁶"), ("-1.2e+05", "−1.2 × 10⁵")],
)
def test_a_number_of_the_file_is_said_as_a_reader_says_it(number, said):
    assert spelled(number).replace("\N{NO-BREAK SPACE}", " ") == said


def test_no_verdict_has_a_machine_s_numbers():
    assert not [
        row.id for row in ledger.read() if re.search(r"\de[+-]?\d|\W-\d|\^\d|\d %", f"{row.claim} {row.verdict}")
    ]
