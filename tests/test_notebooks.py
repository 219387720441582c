"""The notebooks made from the chapters: stable, without outputs, in plain Markdown, never over a reader's work."""

import ast
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from jupytext.myst import myst_to_notebook

import glued
from execute import execute
from glued import NumbersFailed
from notebooks import generate
from plain_inline import CannotConvert
from stamps import snapshot

ROOT = Path(__file__).resolve().parent.parent
RAW_MYST = re.compile(r"\{[a-z][\w:-]*\}`|^ *(?:`{3,}|:{3,})\{|^\([\w:.-]+\)=", re.MULTILINE)
HEADER = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
CODE = "\n```{code-cell} python\n1 + 1\n```\n"


@pytest.fixture
def small(tmp_path):
    """A function that makes a small book of one chapter with the given text and generates its notebook."""
    (tmp_path / "book").mkdir()
    (tmp_path / "_toc.yml").write_text("root: book/chapter\nchapters:\n  - file: book/signs\n")
    (tmp_path / "_config.yml").write_text("repository:\n  url: https://example.org/course\n")
    (tmp_path / "book/signs.md").write_text("(signs)=\n# All signs\n\n$$\nx\n$$ (eq-there)\n")
    (tmp_path / "book/references.bib").write_text(
        "@article{one, author={Ada Lovelace}, title={Notes}, journal={J}, year={1843}}\n"
        "@article{many, author={Ann A and Bob B and Cy C}, title={More}, journal={J}, year={1999}}\n"
    )

    def make(text: str) -> list:
        (tmp_path / "book/chapter.md").write_text(HEADER + "# Chapter\n\n" + text + "\n" + CODE)
        generate(tmp_path / "out", tmp_path)
        return nbformat.read(tmp_path / "out/chapter.ipynb", as_version=4).cells

    make.root = tmp_path
    return make


def prose(cells: list) -> str:
    """The chapter's own Markdown, without its heading."""
    return cells[1].source.removeprefix("# Chapter").strip()


# The real chapters


def test_every_chapter_with_code_has_a_notebook(notebooks):
    chapters = {page.stem for page in (ROOT / "book").glob("*.md") if "```{code-cell}" in page.read_text()}
    assert {notebook.stem for notebook in notebooks.glob("*.ipynb")} == chapters


def test_chapters_become_valid_notebooks_without_outputs(notebooks):
    for path in notebooks.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert "jupytext" not in notebook.metadata
        assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if "outputs" in cell)


def test_no_raw_myst_is_left(notebooks):
    for path in notebooks.glob("*.ipynb"):
        text = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
        assert RAW_MYST.findall("\n".join(text)) == [], path.name


def test_the_same_chapters_give_identical_files(notebooks, tmp_path):
    assert generate(tmp_path) == []
    for path in notebooks.glob("*.ipynb"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


# What MyST becomes


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("(here)=\n## Part\n\nSee {ref}`here`.", "## Part\n\nSee Part."),
        ("[words](signs.md), {doc}`signs`, [](#signs), {ref}`so <signs>`", "words, All signs, All signs, so"),
        ("[out](https://example.org/a_b)", "[out](https://example.org/a_b)"),
        ("{math}`a^2` and {term}`gate` and {term}`gates <gate>`", "$a^2$ and gate and gates"),
        ("the [RNN]{.sl-rnn} in `code {ref}`", "the RNN in `code {ref}`"),
        ("% a comment\nwords", "words"),
        ("$$\na\n$$ (eq-a)\n\nand {eq}`eq-a`, {eq}`eq-there`", "$$\na\n\\tag{1}\n$$\n\nand (1), (see All signs)"),
        ("```{math}\n:label: eq-b\nb\n```", "$$\nb\n\\tag{1}\n$$"),
        (":::{note}\nwords\n:::", "> **Note**\n>\n> words"),
        (":::{note} words\n:::\nmore", "> **Note**\n>\n> words\n\nmore"),
        (":::{admonition} Predict {math}`k`\n:class: predict\nwords\n:::", "> **Predict $k$**\n>\n> words"),
        (
            "````{dropdown} Solution\n:icon: key\n\n```python\nx = {1}\n```\n````",
            "<details><summary>Solution</summary>\n\n```python\nx = {1}\n```\n\n</details>",
        ),
        (":::{div} on-the-website\nwords\n:::\nmore", "more"),
        ("::::{tip}\n:::{note}\nwords\n:::\n::::", "> **Tip**\n>\n> > **Note**\n> >\n> > words"),
        ("- item\n\n  :::{note}\n  words\n  :::", "- item\n\n  > **Note**\n  >\n  > words"),
        ("```python\n{ref}`x`  # (B, T)\n```", "```python\n{ref}`x`  # (B, T)\n```"),
        ("word\n: what it means", "**word**  \nwhat it means"),
    ],
)
def test_markup_in_plain_markdown(small, myst, plain):
    assert prose(small(myst)) == plain


def test_code_that_a_chapter_includes_is_there():
    for page in ROOT.glob("book/*.md"):
        for path in re.findall(r"\{literalinclude\} (\S+)", page.read_text(encoding="utf-8")):
            assert (page.parent / path).is_file(), f"{page.name} includes {path}: where is it now?"


def test_citations_are_named_and_listed(small):
    cells = small("{cite:t}`one` said it {cite:p}`many,one`.")
    assert prose(cells) == "Lovelace (1843) said it (A et al., 1999; Lovelace, 1843)."
    listed = cells[-1].source
    assert listed.startswith("## References\n\n- ")
    assert "Ada Lovelace" in listed
    assert "Cy C" in listed


def test_code_of_the_package_is_included(small):
    (small.root / "module.py").write_text("def one():\n    return 1\n\n\ndef two():\n    return 2\n")
    cells = small("```{literalinclude} ../module.py\n:pyobject: two\n```")
    assert prose(cells) == "```python\ndef two():\n    return 2\n```"


GLUE = (
    "```{code-cell} python\n:tags: [numbers, remove-cell]\n"
    "from sevenlenses import glue\nglue(share=0.98765, seeds=5, name='chrono')\n```\n"
)


@pytest.mark.slow
def test_numbers_are_printed_as_the_book_prints_them(small):
    cells = small(GLUE + "\n{glue:text}`share:.1%` {glue:text}`share:.2e` {glue:text}`seeds` {glue:text}`name`")
    assert prose(cells[1:]) == "98.8% 9.88e-01 5 chrono"
    assert [cell.source for cell in cells if cell.cell_type == "code"][1:] == ["1 + 1"]  # the numbers' cell is no more
    with pytest.raises(CannotConvert, match=r"glues 'stale'; glued are: name, seeds, share\."):
        small(GLUE + "\n{glue:text}`stale`")


@pytest.fixture
def computed(small, monkeypatch):
    """A function that makes the notebook, with these words and this tail of the numbers' cell, and counts its runs."""
    monkeypatch.setattr(glued, "ProcessPoolExecutor", lambda workers, mp_context: ThreadPoolExecutor(workers))
    counter = small.root / "runs"

    def runs(words: str = "words", tail: str = "") -> int:
        counter.write_text("")
        count = f"with open({str(counter)!r}, 'a') as file:\n    file.write('x')\n{tail}```\n"
        cells = small(GLUE.removesuffix("```\n") + count + words + " {glue:text}`seeds`")
        assert prose(cells[1:]) == words + " 5"
        return len(counter.read_text())

    runs.root = small.root
    return runs


@pytest.mark.slow
def test_numbers_are_computed_once_and_again_when_what_they_depend_on_changed(small, computed):
    assert [computed(), computed(), computed(words="other")] == [1, 0, 0]
    assert [computed(tail="2 + 2\n"), computed(tail="2 + 2\n"), computed()] == [1, 0, 1]
    for place in ("src/module.py", "records/run.json", "requirements.lock"):
        (small.root / place).parent.mkdir(exist_ok=True)
        for text in ("one", "two"):
            (small.root / place).write_text(text)
            assert [computed(), computed()] == [1, 0], place


@pytest.mark.slow
def test_numbers_of_a_built_book_are_taken_from_it_until_it_is_stale(small, computed):
    def runs_without_what_was_kept() -> int:
        shutil.rmtree(small.root / "_build/numbers")
        return computed()

    computed()
    cache = small.root / glued.BOOK
    assert execute([small.root / "book/chapter.md"], cache, small.root, snapshot(small.root)) == ["chapter"]
    assert runs_without_what_was_kept() == 0
    (small.root / "requirements.lock").write_text("other")
    assert runs_without_what_was_kept() == 1
    (cache / "global.db").write_bytes(b"garbage")
    assert runs_without_what_was_kept() == 1


@pytest.mark.parametrize("garbage", ["", '{"key": ', "[]", "{}", b"\xff\x00"])
def test_kept_numbers_that_cannot_be_read_are_computed_again(small, computed, garbage):
    assert computed() == 1
    (kept,) = (small.root / "_build/numbers").iterdir()  # and nothing half written beside it
    kept.write_bytes(garbage if isinstance(garbage, bytes) else garbage.encode())
    assert [computed(), computed()] == [1, 0]


def test_where_numbers_cannot_be_kept_the_notebook_is_made_all_the_same(small, computed):
    (small.root / "_build").write_text("a file in the way")
    assert [computed(), computed()] == [1, 1]


def test_numbers_that_fail_are_named_with_their_line(computed):
    with pytest.raises(NumbersFailed, match=r"chapter\.md:13: .*ZeroDivisionError: division by zero\. .* mend it"):
        computed(tail="1 / 0\n")


def test_what_fails_in_a_lens_is_named_with_the_line_of_its_section(computed, monkeypatch):
    (computed.root / "numbers_of_a_lens.py").write_text("def reach():\n    return {'far': 1 / 0}\n")
    monkeypatch.syspath_prepend(computed.root)
    cell = "```{code-cell} python\n:tags: [numbers]\nfrom numbers_of_a_lens import reach\n\nreach()\n```\n"
    with pytest.raises(NumbersFailed, match=r"chapter\.md:20: .*ZeroDivisionError: .* \(.*/numbers_of_a_lens\.py:2\)"):
        computed(words=f"words\n\n{cell}")


def test_every_section_may_have_a_cell_that_stands_alone(small, computed):
    def cell(code: str) -> str:
        return f"\n```{{code-cell}} python\n:tags: [numbers]\n{code}\n```\n"

    same = cell("from sevenlenses import glue\nglue(seeds=5, more=2)")
    cells = small(f"{GLUE}words {{glue:text}}`seeds`\n{same}{{glue:text}}`more`")
    assert [one.source for one in cells[1:3]] == ["# Chapter", "words 5"] and cells[3].source == "2"
    with pytest.raises(NumbersFailed, match=r"chapter\.md:21: .*NameError: name 'glue' is not defined"):
        small(GLUE + same + cell("glue(third=3)"))
    with pytest.raises(NumbersFailed, match=r"chapter\.md:\d+: .*'seeds' is glued twice: as 5, then as 6"):
        small(GLUE + cell("from sevenlenses import glue\nglue(seeds=6)"))


@pytest.mark.parametrize("chapter", sorted((ROOT / "book").glob("*.md")), ids=lambda path: path.stem)
def test_no_cell_uses_a_name_of_the_numbers(chapter):
    """Notebooks go without the cells tagged `numbers`."""
    own, theirs = set(), set()
    for cell in myst_to_notebook(chapter.read_text()).cells:
        if cell.cell_type == "code":
            nodes = [*ast.walk(ast.parse(cell.source))]
            names = [node for node in nodes if isinstance(node, ast.Name)]
            made = {name.id for name in names if isinstance(name.ctx, ast.Store)}
            made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
            made |= {(node.asname or node.name).split(".")[0] for node in nodes if isinstance(node, ast.alias)}
            made |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
            if "numbers" in cell.metadata.get("tags", ()):
                assert not made & own - {"glue"}, cell.source  # on the page it would take the reader's name away
                theirs |= made
            else:
                own |= made
                assert not ({name.id for name in names} & theirs) - own, cell.source


@pytest.mark.parametrize(
    ("myst", "message"),
    [
        ("words\n\n```{mermaid}\na\n```", r"chapter\.md:9: the directive \{mermaid\} .* Use one of .*dropdown"),
        (":::{note}\nwords\n\n{download}`x`\n:::", r"chapter\.md:10: the role \{download\} .* Use one of cite"),
        ("{cite:p}`nobody`", r"chapter\.md:7: no paper has the key 'nobody'\. Add it"),
        ("{ref}`nowhere`", r"chapter\.md:7: 'nowhere' is no page and no label"),
        ("{eq}`nothing`", r"chapter\.md:7: no equation is labelled 'nothing'"),
        ("{glue:text}`share:.2f`", r"chapter\.md:7: no cell tagged `numbers` glues 'share'"),
        (":::{note}\nwords", r"chapter\.md:7: .*never closed"),
        ("```{literalinclude} ../gone.py\n```", r"chapter\.md:7: \.\./gone\.py cannot be included"),
    ],
)
def test_what_cannot_be_shown_is_an_error_with_its_place(small, myst, message):
    with pytest.raises(CannotConvert, match=message):
        small(myst)
    assert not (small.root / "out").exists()


# Cells and files


def test_where_the_address_is_not_set_the_first_cell_says_so(small):
    (small.root / "_config.yml").write_text("repository:\n  url: https://github.com/example/course\n")
    cell = small("words")[0].source
    bare = subprocess.run([sys.executable, "-I", "-S", "-c", cell], capture_output=True, text=True)  # no packages
    assert "git+" not in cell and bare.returncode == 1
    assert "ModuleNotFoundError: The course is not installed here" in bare.stderr
    assert "its address was not set in _config.yml" in bare.stderr
    assert subprocess.run([sys.executable, "-c", cell]).returncode == 0  # here the course is installed


def test_an_edit_leaves_the_ids_of_other_cells(small):
    before = {cell.source: cell.id for cell in small("one" + CODE + "two" + CODE)}
    after = {cell.source: cell.id for cell in small("one, longer" + CODE + "two" + CODE)}
    assert len({*before.values()}) == len(before)
    assert before["two"] == after["two"]


def test_equal_cells_have_different_ids(small):
    ids = [cell.id for cell in small(CODE + CODE)]
    assert len({*ids}) == len(ids)


def test_a_notebook_that_a_reader_changed_is_kept(small):
    small("first")
    out = small.root / "out"
    notebook = out / "chapter.ipynb"
    mine = json.loads(notebook.read_text())
    mine["cells"][1]["source"] = "my notes"
    notebook.write_text(json.dumps(mine))
    small("second")
    assert json.loads(notebook.read_text()) == mine
    assert generate(out, small.root) == ["chapter.ipynb"]
    notebook.unlink()
    assert generate(out, small.root) == []
    assert "second" in notebook.read_text()


def test_an_untouched_notebook_follows_its_chapter(small):
    assert prose(small("first")) == "first"
    assert prose(small("second")) == "second"
    assert {path.name for path in (small.root / "out").iterdir()} == {"chapter.ipynb", ".generated.json"}
