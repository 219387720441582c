r"""The Markdown of a question as HTML: `code`, *emphasis*, **strong** and $mathematics$; all else is text.

Mathematics becomes MathML, which browsers lay out by themselves: the same in the book, in JupyterLab and in Colab, with
no script to wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin


class Unreadable(ValueError):
    """A mark or a formula that would not be shown as it was meant."""


def to_html(text: str) -> str:
    """`text` as HTML.

    Raises:
        Unreadable: a backtick or a dollar sign without its partner, or TeX that is not known.
    """
    for token in MARKDOWN.parseInline(text)[0].children:
        for mark in "`$":
            if token.type == "text" and mark in token.content:
                raise Unreadable(f"{mark!r} has no partner. Close it, or say it in words.")
    return MARKDOWN.renderInline(text)


def mathml(_renderer, tokens, at: int, *_) -> str:
    """One formula as MathML."""
    source = tokens[at].content
    try:
        if source.count("{") != source.count("}"):
            raise ValueError("a brace has no partner")
        made = convert(source)
        if "\\" in made:
            raise ValueError("it holds a command that is not known")
        ElementTree.fromstring(made)
    except Exception as error:  # the converter has a class of its own for each mistake
        raise Unreadable(
            f"${source}$ cannot be read ({error or type(error).__name__}). Write it in simpler signs, or in words."
        ) from error
    return made


def reader(formula: Callable[..., str]) -> MarkdownIt:
    """Markdown as questions use it; `formula` is the render rule that writes each formula."""
    made = MarkdownIt("zero").enable(["backticks", "emphasis"])
    made.use(dollarmath_plugin, allow_space=False)
    made.add_render_rule("math_inline", formula)  # the plugin's own would mark it for MathJax
    return made


MARKDOWN = reader(mathml)
