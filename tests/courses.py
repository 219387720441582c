"""A small course with a server of its own, published as the workflow does it."""

import shutil
import subprocess
from pathlib import Path

import push_branch
from notebooks import generate

ADDRESS = "https://example.org/teachers/course"
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "sevenlenses"
version = "0.1.0"
"""
BACKEND = """\
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/sevenlenses-0.1.0-py3-none-any.whl", "w") as made:
        about = "sevenlenses-0.1.0.dist-info"
        made.write("src/sevenlenses/__init__.py", "sevenlenses/__init__.py")
        made.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\\nName: sevenlenses\\nVersion: 0.1.0\\n")
        made.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        made.writestr(f"{about}/RECORD", "")
    return "sevenlenses-0.1.0-py3-none-any.whl"
"""  # the course's own would be downloaded for each installation
CHAPTER = """\
---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
---
# Chapter

{words}

```{{code-cell}} python
answer = None  # yours
```

The end.
"""
GIT = "[user]\nname = Test\nemail = test@example.org\n[init]\ndefaultBranch = main\n"


def own_git(settings: Path) -> dict[str, str]:
    """What makes git know its author, and nothing of this machine's settings."""
    settings.write_text(GIT)
    return {"GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *arguments: object) -> str:
    command = ["git", "-C", folder, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Course:
    """A small course: a teacher's clone, and the server that it pushes to."""

    def __init__(self, home: Path):
        self.server, self.clone, self.branch = home / "server/course", home / "clone", home / "branch"
        subprocess.run(["git", "init", "--quiet", "--bare", self.server], check=True)
        subprocess.run(["git", "clone", "--quiet", self.server, self.clone], check=True, capture_output=True)
        self.write("_config.yml", f"repository:\n  url: {ADDRESS}\n")
        self.write("_toc.yml", "root: book/chapter\n")
        self.write("book/references.bib", "")
        self.write("book/chapter.md", CHAPTER.format(words="First words."))
        self.write("pyproject.toml", PYPROJECT)
        self.write("backend.py", BACKEND)
        self.write("src/sevenlenses/__init__.py", "NUMBER = 1\n")
        self.write("records/run.json", "{}")
        self.commit()

    def write(self, name: str, text: str) -> None:
        (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
        (self.clone / name).write_text(text)

    def commit(self) -> str:
        git(self.clone, "add", "--all")
        git(self.clone, "commit", "--quiet", "--message=change")
        git(self.clone, "push", "--quiet", "origin", "HEAD:main")
        return git(self.clone, "rev-parse", "HEAD")

    def deploy(self, clone: Path | None = None) -> str:
        """As the workflow does it: all made anew, then pushed. Returns the commit, or nothing."""
        shutil.rmtree(self.branch, ignore_errors=True)
        generate(self.branch, clone or self.clone)
        return push_branch.push(self.branch, "origin", "notebooks", clone or self.clone)

    def published(self) -> str:
        return git(self.server, "rev-parse", "notebooks")
