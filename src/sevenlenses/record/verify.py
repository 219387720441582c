"""Does changed code still give the recorded numbers? `python -m sevenlenses.record.verify`, or `make verify`.

What was recorded cannot be compared with a run made here: another processor rounds otherwise, and training magnifies
that. So the first steps of runs are compared, bit by bit, under the code as it was and the code as it is, on this one
machine. What is equal is stamped in `records/verified.json` with the hash of its code; what is not is named, for its
author to mend, or to raise its version and record it anew.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import defaultdict

from .. import records
from ..lenses import EXPERIMENTS
from .command import cores_here
from .compare import ROOT, as_it_was, observe, parted
from .evidence import subject
from .stamps import PLAYGROUND, STAMPS, Group, Look, groups, stamp, stamps, stamps_in

SHOWN = 3  # runs that are named of each experiment
RAISED = "; its version was raised, so let `make record` make its records, or name the commit that did with --base"


def main(argv: list[str] | None = None) -> int:
    """Verify the groups whose code has changed. Returns 0 when all are verified, 1 when some have parted."""
    parser = argparse.ArgumentParser(prog="python -m sevenlenses.record.verify", description=__doc__.split("\n\n")[0])
    what = "only these, such as capacity-recall or capacity-recall/lstm; all by default"
    parser.add_argument("groups", nargs="*", metavar="experiment[/model]", help=what)
    parser.add_argument("--base", metavar="REV", help="the commit whose code gave the recorded numbers; by default the "
                        f"last that changed records/{STAMPS}")  # fmt: skip
    parser.add_argument("--workers", type=int, default=cores_here(), metavar="N", help="processes (%(default)s)")
    options = parser.parse_args(argv)
    asked, known = set(options.groups), stamps()
    everything = groups({name.split("/")[0] for name in asked})
    if unknown := asked - {name for group in everything for name in (group.experiment, f"{group}")}:
        parser.error(f"{min(unknown)!r} is not recorded; choose from {', '.join({g.experiment: 0 for g in groups()})}")
    if asked:
        everything = {group: runs for group, runs in everything.items() if asked & {group.experiment, f"{group}"}}
    verified = {group: code for group, code in known.items() if asked or group in everything}
    changed = [group for group, (code, _) in everything.items() if known.get(group) != code]
    new = [group for group in changed if made_by(group, everything[group][0])]
    verified |= {group: everything[group][0] for group in new}
    changed = [group for group in changed if group not in new]
    if new:
        print(f"{len(new)} groups were recorded under this code.")
    parts = look_twice(everything, changed, options.base, options.workers) if changed else {}
    verified |= {group: everything[group][0] for group in changed if group not in parts}
    stamp(verified)
    others = "" if not asked else "; all others were not looked at"
    print(f"{len(everything) - len(parts)} of {len(everything)} groups of runs are verified under this code{others}.")
    return report(parts)


def made_by(group: Group, code: str) -> bool:
    """Whether all records of a group come from this very code."""
    if group.experiment == PLAYGROUND:
        return False
    experiment = EXPERIMENTS[group.experiment]
    found = [line for line in records.lines(experiment).values() if subject(line.words) == group.model]
    return bool(found) and all(line.code == code for line in found)


def look_twice(
    everything: dict[Group, tuple[str, list[Look]]], changed: list[Group], asked: str | None, workers: int
) -> dict[Group, list[tuple[str, str]]]:
    """The groups whose numbers part between a commit and the code as it is: runs, and where."""
    base, stamped = commit(asked), {}
    if asked is None:  # then the stamps name the code that stood beside them
        shown = subprocess.run(["git", "show", f"{base}:records/{STAMPS}"], cwd=ROOT, capture_output=True, text=True)
        stamped = stamps_in(shown.stdout)
    names = {  # of a run under each code: what was seen when that code was verified is not looked at again
        look.label: (f"{stamped.get(group, base)} {look.label}", f"{everything[group][0]} {look.label}", look)
        for group in changed
        for look in everything[group][1]
    }
    print(f"The code of {len(changed)} groups has changed. First steps of {len(names)} runs, as in {base[:9]} ...")
    sys.stdout.flush()
    then = observe({before: look for before, _, look in names.values()}, as_it_was(base), workers)
    print("... and as they are now ...", flush=True)
    now = observe({after: look for _, after, look in names.values()}, ROOT, workers)
    found = defaultdict(list)
    for group in changed:
        for label in (look.label for look in everything[group][1]):
            before, after, _ = names[label]
            if why := parted(then[before], now[after]):
                found[group].append((label, why + RAISED * (then[before]["version"] < now[after]["version"])))
    return found


def commit(asked: str | None) -> str:
    """The full name of a commit: the one asked for, or the last that changed the stamps."""
    call = ["git", "rev-parse", "--verify", f"{asked}^{{commit}}"]
    if asked is None:
        call = ["git", "log", "-1", "--format=%H", "HEAD", "--", f"records/{STAMPS}"]
    found = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    if found.returncode or not found.stdout.strip():
        sys.exit(
            f"--base must be a commit of this repository with the code that gave the recorded numbers; got {asked!r} "
            f"({found.stderr.strip() or 'no commit has the stamps yet'}). Try --base HEAD."
        )
    return found.stdout.strip()


def report(parts: dict[Group, list[tuple[str, str]]]) -> int:
    """Name what has parted and what to do."""
    by_experiment = defaultdict(list)
    for group, runs in parts.items():
        by_experiment[group.experiment] += runs
    for name, runs in by_experiment.items():
        print(f"Mend {name}, or raise its version and run `make record` ({len(runs)} of its runs part):")
        for label, why in runs[:SHOWN]:
            print(f"  {label.removeprefix(f'{name}/')}: {why}")
    return 1 if parts else 0


if __name__ == "__main__":
    sys.exit(main())
