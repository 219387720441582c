"""Publish a folder as a branch: `python tools/push_branch.py FOLDER REMOTE BRANCH`.

What the folder holds becomes one commit on top of what the branch holds now, so that whoever has cloned it can pull.
Where nothing differs nothing is pushed. Standard library and git only: it runs in the job that may write.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def push(folder: Path, remote: str, branch: str, root: Path = ROOT) -> str:
    """Push `folder` from the repository at `root`. Returns the commit; nothing where the branch holds just that."""

    def git(*arguments: str, **environment: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        own = os.environ | environment
        return subprocess.run(command, env=own, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    there, parent = f"refs/heads/{branch}", []
    if git("ls-remote", remote, there):
        git("fetch", "--quiet", "--no-tags", remote, there)
        parent = ["-p", git("rev-parse", "FETCH_HEAD")]
    with tempfile.TemporaryDirectory() as place:  # an index of its own: the checkout's stays as it is
        own = {"GIT_INDEX_FILE": str(Path(place, "index")), "GIT_WORK_TREE": str(folder.resolve())}
        git("add", "--all", "--force", ".", **own)
        tree = git("write-tree", **own)
    if parent and tree == git("rev-parse", "FETCH_HEAD^{tree}"):
        return ""
    commit = git("commit-tree", tree, *parent, "-m", f"Notebooks of {git('rev-parse', 'HEAD')}")
    git("push", "--quiet", remote, f"{commit}:{there}")  # never by force: readers have that history
    return commit


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("remote", help="a name that git knows here, such as origin, or an address")
    parser.add_argument("branch")
    asked = parser.parse_args()
    if not (asked.folder.is_dir() and any(asked.folder.iterdir())):
        sys.exit(f"FOLDER must hold what the branch is to hold. {asked.folder} is empty or no folder. Fill it first.")
    try:
        commit = push(asked.folder, asked.remote, asked.branch)
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"Nothing was published: `git {error.cmd[3]}` failed, and its own message is above. Where somebody else "
            "has pushed meanwhile, run the same command again."
        )
    print(f"{asked.branch} is at {commit[:12]}." if commit else f"{asked.branch} holds just that: nothing is pushed.")
