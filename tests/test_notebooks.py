"""The notebooks made from the chapters: stable, without outputs, in plain Markdown, never over a reader's work."""

import json
import re
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from notebooks import generate
from plain_inline import CannotConvert

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
        ("::::{tip}\n:::{note}\nwords\n:::\n::::", "> **Tip**\n>\n> > **Note**\n> >\n> > words"),
        ("- item\n\n  :::{note}\n  words\n  :::", "- item\n\n  > **Note**\n  >\n  > words"),
        ("```python\n{ref}`x`  # (B, T)\n```", "```python\n{ref}`x`  # (B, T)\n```"),
        ("word\n: what it means", "**word**  \nwhat it means"),
    ],
)
def test_markup_in_plain_markdown(small, myst, plain):
    assert prose(small(myst)) == plain


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


def test_numbers_are_printed_as_the_book_prints_them(small, monkeypatch):
    page = ModuleType("page")
    page.NUMBERS = {"stale": 1}
    monkeypatch.setitem(sys.modules, "sevenlenses.explorer.page", page)
    glue = (
        "```{code-cell} python\n:tags: [numbers, remove-cell]\n"
        "from sevenlenses.explorer.page import NUMBERS\nNUMBERS.update(share=0.98765, seeds=5, name='chrono')\n```\n"
    )
    cells = small(glue + "\n{glue:text}`share:.1%` {glue:text}`share:.2e` {glue:text}`seeds` {glue:text}`name`")
    assert cells[3].source == "98.8% 9.88e-01 5 chrono"
    assert cells[2].metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    with pytest.raises(CannotConvert, match=r"glues 'stale'; glued are: name, seeds, share\."):
        small(glue + "\n{glue:text}`stale`")


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


def test_first_cell_installs_the_course_from_the_address_in_the_configuration(small):
    assert '%pip install --quiet --no-deps "sevenlenses @ git+https://example.org/course" ' in small("words")[0].source


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
