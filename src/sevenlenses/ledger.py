"""The ledger of claims: what people say about recurrent networks and attention, and what became of it here.

`python -m sevenlenses.ledger` writes `records/ledger.csv` anew from the records. Pages read that file, and a test
computes it again. A claim that waits for a run that nobody could make yet is open.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from html import escape
from pathlib import Path

from . import records
from .explorer import FACE
from .figures import spelled
from .files import write_whole
from .lens import Claim
from .lenses import LENSES
from .settings import fixed

ORDER = "GCTABMSYKRQ"  # by the document that makes the claim, and then as that document has them


@dataclass(frozen=True)
class Row:
    """One line of the ledger; `value`, `low` and `high` are the mean, the least and the greatest over seeds."""

    id: str
    claim: str
    experiment: str
    value: str
    low: str
    high: str
    seeds: str
    verdict: str
    figure: str
    scope: str

    @property
    def kind(self) -> str:
        """ "holds", "caveat", "fails" or "open"."""
        if "caveat" in self.verdict.partition(":")[0]:
            return "caveat"
        return self.verdict.split()[0].rstrip(":")


def home() -> Path:
    """Where the ledger lies."""
    return records.home() / "ledger.csv"


def claims() -> list[tuple[str, Claim]]:
    """Every claim with the page that it belongs to, in the ledger's order."""
    found = [(lens.name, claim) for lens in LENSES.values() for claim in lens.claims]
    return sorted(found, key=lambda one: (ORDER.index(one[1].id[0]), int(one[1].id[1:])))


@fixed()
def settle(page: str, claim: Claim) -> Row:
    """The claim's row, computed now.

    Raises:
        RecordError: a record that it rests on is missing, broken or stale.
    """
    found, name = claim.settle(records.load), claim.experiment.name
    if not found.values.size:
        return Row(claim.id, claim.text, "", "", "", "", "", found.verdict, "", claim.scope)
    value, low, high = (f"{number:.3g}" for number in (found.values.mean(), found.values.min(), found.values.max()))
    figure, seeds = f"{page}.html#explore-{name}", str(len(found.values))
    return Row(claim.id, claim.text, name, value, low, high, seeds, found.verdict, figure, claim.scope)


def settle_all() -> list[Row]:
    """All rows, computed now from the records."""
    return [settle(page, claim) for page, claim in claims()]


def read() -> list[Row]:
    """The rows as the file has them.

    Raises:
        RecordError: the file is missing, or is no ledger.
    """
    try:
        with home().open(encoding="utf-8", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            rows = [Row(**line) for line in lines]
    except (OSError, TypeError, UnicodeDecodeError, csv.Error) as error:
        raise records.RecordError(f"the ledger cannot be read ({error}); run `make ledger`.") from error
    if not rows:
        raise records.RecordError("the ledger is empty; run `make ledger`.")
    return rows


def tally() -> dict[str, int]:
    """How many claims there are, and how many of each kind."""
    kinds = [row.kind for row in read()]
    names = {"holds": "holds", "caveat": "caveat", "fails": "fails", "open": "waiting"}
    return {"claims": len(kinds), **{said: kinds.count(kind) for kind, said in names.items()}}


def write(rows: list[Row]) -> None:
    """Replace the file in one move: a reader sees the old ledger or the new one."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow([field.name for field in fields(Row)])
    table.writerows(map(astuple, rows))
    write_whole(home(), text.getvalue())


class Table:
    """Rows of the ledger, about these lenses, as a notebook and a page show them."""

    def __init__(self, rows: list[Row], lenses: Iterable[str]):
        self.rows, self.lenses = rows, lenses

    def __repr__(self) -> str:
        return "\n".join(f"{row.id}: {row.claim} {row.verdict}" for row in self.rows)

    def _repr_html_(self) -> str:
        measured = {claim.id: claim.measured for name in self.lenses for claim in LENSES[name].claims}
        body = "".join(_line(row, measured[row.id]) for row in self.rows)
        names = ("No.", "Claim", "Measured", "Verdict")
        heads = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in names)
        return (  # with roles, since a narrow screen shows the rows as cards
            f'<table class="sl-ledger" role="table"><thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
            f'<tbody role="rowgroup">{body}</tbody></table>'
        )


def _line(row: Row, measured: str) -> str:
    kind, colon, why = row.verdict.partition(": ")
    number = ""
    if row.value:
        seeds = f"{row.seeds} {'seed' if row.seeds == '1' else 'seeds'}"
        value = escape(spelled(row.value))
        if os.environ.get(FACE) == "page":  # the figure is on another page of the book
            value = f'<a href="{escape(row.figure)}">{value}</a>'
        number = (
            f"{value} <small>({escape(spelled(row.low))} to {escape(spelled(row.high))}, {escape(seeds)})<br>"
            f"{escape(measured)}</small>"
        )
    verdict = f"<strong>{escape(kind)}</strong>{colon} {escape(why)}"
    if row.scope:
        verdict += f"<br><small>Rests on: {escape(row.scope)}.</small>"
    cells = (escape(row.claim), number, verdict)
    return (
        f'<tr class="sl-{row.kind}" role="row"><th scope="row" role="rowheader">{escape(row.id)}</th>'
        + "".join(f'<td role="cell">{cell}</td>' for cell in cells)
        + "</tr>"
    )


def verdicts(*wanted: str) -> Table:
    """The rows of a lens ("capacity"), or all of them.

    Raises:
        ValueError: there is no such lens.
    """
    for name in wanted:
        if name not in LENSES:
            raise ValueError(f"there is no lens {name!r}; the lenses are {', '.join(LENSES)}.")
    ids = {claim.id for name in wanted for claim in LENSES[name].claims}
    return Table([row for row in read() if not wanted or row.id in ids], wanted or LENSES)


def main() -> int:
    """Write the ledger anew, and say how many claims are settled."""
    rows = settle_all()
    write(rows)
    kinds = [row.kind for row in rows]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("holds", "caveat", "fails", "open"))
    print(f"{len(rows)} claims: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
