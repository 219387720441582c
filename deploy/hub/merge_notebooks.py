"""How git joins a reader's notebook with a newer one: cell by cell, known by their ids.

Joined line by line, published cells beside one that the reader has run are lost, or stand there twice. Git calls this
with the notebook as it was, the reader's, and the published one; what is joined takes the reader's place.
"""

import json
import subprocess
import sys
from pathlib import Path


def joined(base: list[dict], mine: list[dict], published: list[dict]) -> list[dict]:
    """The published cells, each as the reader has it, without those that the reader took out; and the reader's own.

    A published cell has another id once its text is another. Where the reader wrote in the older one, both are kept.
    """
    old, own, new = ({cell["id"]: cell for cell in cells} for cells in (base, mine, published))
    cells = []
    for name, cell in new.items():
        if name in own:
            cells.append(own[name] | {"metadata": own[name]["metadata"] | cell["metadata"]})
        elif name not in old:
            cells.append(cell)
    place = 0
    for name, cell in own.items():
        if name in new:
            place = cells.index(next(one for one in cells if one["id"] == name)) + 1
        elif name not in old or cell["source"] != old[name]["source"]:
            cells.insert(place, cell)
            place += 1
    return cells


def main(base: str, mine: str, published: str) -> int:
    try:
        old, own, new = (json.loads(Path(one).read_text(encoding="utf-8")) for one in (base, mine, published))
        own["cells"] = joined(old["cells"], own["cells"], new["cells"])
    except (ValueError, LookupError, TypeError):  # no notebook, or one of a time when cells had no ids
        return subprocess.call(["git", "merge-file", "--ours", mine, base, published])
    Path(mine).write_text(json.dumps(own, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
