"""What the book's build does again after a change, and what it leaves: never a stale page, and no work for nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import make_book
from execute import execute, outdated
from notebooks import pages_of_book
from stamps import ROOT, fingerprint, remember, snapshot

pytestmark = pytest.mark.slow

# Whether there is anything to do


@pytest.fixture
def small_book(tmp_path):
    """A root with one chapter and one module, as after a build that succeeded."""
    for name in ("src/lens.py", "book/chapter.md", "_config.yml", "_toc.yml", "records/run.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "_toc.yml").write_text("root: book/chapter")
    built(tmp_path)
    remember(tmp_path / make_book.STAMP, {"pages": fingerprint(snapshot(tmp_path), make_book.PLACES)})
    return tmp_path


def built(root: Path) -> None:
    (root / "_build/html").mkdir(parents=True, exist_ok=True)
    (root / "_build/html/index.html").touch()


def is_built(root: Path) -> bool:
    return make_book.is_built(root, snapshot(root))


def test_nothing_changed_means_nothing_to_build(small_book):
    (small_book / "src/__pycache__").mkdir()
    (small_book / "src/__pycache__/lens.pyc").touch()
    assert is_built(small_book)


@pytest.mark.parametrize("place", ["src/lens.py", "records/run.json", "_config.yml", "src/new.py", "book/_ext/new.py"])
def test_every_change_makes_the_pages_anew(small_book, place):
    (small_book / place).parent.mkdir(exist_ok=True)
    (small_book / place).write_text("other")
    assert not is_built(small_book)


@pytest.mark.parametrize("held", [b"", b"{", b"\x00\xff", b"[]"])
def test_a_stamp_that_cannot_be_read_only_means_a_build(small_book, held, monkeypatch):
    """As a full disk or a kill leaves it."""
    monkeypatch.setattr(make_book.subprocess, "run", lambda *_, **__: built(small_book))
    (small_book / make_book.STAMP).write_bytes(held)
    assert not is_built(small_book)
    make_book.make_book(small_book)
    assert is_built(small_book)


def test_a_failed_build_is_never_taken_as_done(small_book, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        built(small_book)  # pages were written, then a warning failed the build
        raise subprocess.CalledProcessError(1, "jupyter-book")

    monkeypatch.setattr(make_book.subprocess, "run", fail)
    (small_book / "book/chapter.md").write_text("other")
    with pytest.raises(subprocess.CalledProcessError):
        make_book.make_book(small_book)
    (small_book / "book/chapter.md").write_text("book/chapter.md")  # as it was when the pages were last right
    assert not is_built(small_book)


# Which chapters are executed

CELL = """---
kernelspec:
  name: python3
---

```{{code-cell}} ipython3
open({log!r}, "a").write({name!r})
{code}
```
"""


@pytest.fixture
def root(tmp_path) -> Path:
    for folder in ("book", "src", "records"):
        (tmp_path / folder).mkdir()
    for name in ("src/one.py", "src/two.py", "records/run.json", "records/run.safetensors"):
        (tmp_path / name).touch()
    return tmp_path


def write(root: Path, **chapters: str) -> list[Path]:
    """Chapters with one cell each, which tells in `log` that it ran."""
    for name, code in chapters.items():
        text = CELL.format(log=str(root / "log"), name=name, code=code)
        (root / f"book/{name}.md").write_text(text)
    return [root / f"book/{name}.md" for name in chapters]


def run(root: Path, chapters: list[Path]) -> list[str]:
    return execute(chapters, root / "_build/cache", root, snapshot(root))


def test_a_chapter_is_executed_again_when_what_it_read_has_changed_and_only_then(root):
    importing = "import sys; sys.path.insert(0, '../src'); import {}"
    chapters = write(
        root,
        imports=importing.format("one"),
        imports_too=importing.format("two"),
        reads="import io; io.open('../records/run.json')",
        lists="import os; os.listdir('../records')",
        misses="try:\n    open('../src/three.py')\nexcept FileNotFoundError:\n    pass",
        starts="import subprocess; subprocess.run(['true'])",
        weights="import importlib; importlib.invalidate_caches(); import safetensors",
        nothing="assert not {'os', 'sys', '_watch'} & {*globals()}",
    )
    (plain := root / "book/plain.md").write_text("# No code\n")
    names = [chapter.stem for chapter in chapters]
    assert run(root, [*chapters, plain]) == names and run(root, [*chapters, plain]) == []
    state = snapshot(root)

    def void(**changed: str) -> set[str]:
        return set(outdated(chapters, root / "_build/cache", state | {name: "other" for name in changed.values()}))

    assert void(module="src/one.py") == {"imports", "starts"}
    assert void(module="src/two.py") == {"imports_too", "starts"}
    assert void(record="records/run.json") == {"reads", "starts"}
    assert void(new="src/three.py", folder="src") == {"imports", "imports_too", "misses", "starts"}
    assert void(new="records/new.json", folder="records") == {"lists", "starts"}
    assert void(weights="records/run.safetensors") == {"weights", "starts"}
    assert void(new="book/new.md", folder="book") == {"starts"}
    assert void(packages="requirements.lock") == set(names)


def test_a_file_edited_while_the_book_is_built_counts_as_changed(root):
    chapters = write(
        root, edits="from pathlib import Path\np = Path('../src/one.py')\np.read_text()\np.write_text('1')"
    )
    assert run(root, chapters) == ["edits"]
    assert run(root, chapters) == ["edits"]
    assert run(root, chapters) == []


def test_a_failed_chapter_is_left_to_the_build_and_never_shown_as_it_was(root):
    """The build executes it again and says why; the outputs from before are gone."""
    chapters = write(root, a="import sys; sys.path.insert(0, '../src'); import one", b="")
    assert run(root, chapters) == ["a", "b"]
    (root / "src/one.py").write_text("1 / 0")
    assert run(root, chapters) == ["a"] and run(root, chapters) == ["a"]
    assert sorted((root / "log").read_text()) == ["a", "a", "a", "b"]
    assert len(list((root / "_build/cache/executed").iterdir())) == 1
    chapters[1].write_text(chapters[1].read_text() + "Other words.\n")
    assert run(root, chapters[1:]) == []


def test_kernels_of_the_book_take_no_profile_of_the_reader(root, monkeypatch):
    (startup := root / "ipython/profile_default/startup").mkdir(parents=True)
    (startup / "mine.py").write_text("raise SystemExit")
    monkeypatch.setenv("IPYTHONDIR", str(root / "ipython"))
    chapters = write(root, a="")
    assert run(root, chapters) == ["a"] and run(root, chapters) == []


@pytest.mark.parametrize("broken", ["global.db", "executed/*/base.ipynb"])
@pytest.mark.parametrize("held", [b"", b"\x00" * 5000], ids=["empty", "zeros"])
def test_a_cache_that_cannot_be_read_only_means_work_done_again(root, broken, held):
    chapters = write(root, a="")
    run(root, chapters)
    (file,) = (root / "_build/cache").glob(broken)
    file.write_bytes(held)
    assert run(root, chapters) == ["a"] and run(root, chapters) == []
    (file,) = (root / "_build/cache").glob("executed/*/base.ipynb")
    assert json.loads(file.read_text())["cells"]


# The course itself


def test_a_typo_in_a_lens_executes_only_the_chapters_that_load_it(book):
    state, cache, chapters = snapshot(ROOT), ROOT / "_build/.jupyter_cache", pages_of_book(ROOT)
    assert outdated(chapters, cache, state) == []

    def void(name: str) -> set[str]:
        assert name in state
        return set(outdated(chapters, cache, state | {name: "other"}))

    package, others = "src/sevenlenses", {"gradient", "locality", "credit", "access", "scaling", "reading"}
    assert {"kata", "ledger"} <= void(f"{package}/lenses/kata/pipe.py") <= {"kata", "ledger"}
    assert {"capacity"} <= void(f"{package}/lenses/capacity/length.py") and not others & void(
        f"{package}/lenses/capacity/length.py"
    )
    assert void(f"{package}/playground/page.py") == {"playground"}
    weights = next(name for name in state if name.endswith(".safetensors"))
    assert void(weights) == {"playground"}
    record = next(name for name in state if name.startswith("records/scaling-time") and ".json" in name)
    assert "scaling" in void(record) and "capacity" not in void(record)
    assert others | {"index", "ledger", "playground"} <= void(f"{package}/runtime.py")


def test_a_chapter_loads_its_own_lens_alone():
    code = """
import sys
from sevenlenses import check
from sevenlenses.ledger import verdicts
from sevenlenses.lenses.credit import LENS
for exercise in LENS.exercises:
    check(exercise.name)
assert verdicts("credit")._repr_html_()
print(*sorted(name for name in sys.modules if name.startswith("sevenlenses.lenses.") and name.endswith(".claims")))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert said.stdout.split() == ["sevenlenses.lenses.credit.claims"]
