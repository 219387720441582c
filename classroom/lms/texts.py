r"""The Markdown of a question as HTML with mathematics as platforms show it.

- MathML is laid out by browsers themselves, needs no server, and is what QTI prescribes. Canvas shows it whatever its
  settings are; TeX between `\(` and `\)` only where an account has switched that on, and its own equation images hold
  the address of one institution.
- Moodle's MathJax filter, on by default, takes TeX between `\(` and `\)`, which stays readable in Moodle's editor.
"""

from __future__ import annotations

from html import escape
from xml.etree.ElementTree import Element, fromstring

from sevenlenses.quiz.words import mathml, reader

MATHML = "http://www.w3.org/1998/Math/MathML"


def with_mathml(text: str) -> str:
    """`text` as HTML that is XML too; formulas are MathML."""
    return _MATHML.renderInline(text)


def with_tex(text: str) -> str:
    r"""`text` as HTML; formulas are TeX between `\(` and `\)`."""
    return _TEX.renderInline(text)


def element(tag: str, text: str, **attributes: str) -> Element:
    """`text` with MathML as the content of an element."""
    made = fromstring(f"<{tag}>{with_mathml(text)}</{tag}>")
    made.attrib.update(attributes)
    for one in made.iter():
        if one.tag == f"{{{MATHML}}}math":
            one.set("xmlns", MATHML)
        one.tag = one.tag.rpartition("}")[2]
    return made


def _tex(_renderer, tokens, at: int, *_) -> str:
    return rf"\({escape(tokens[at].content, quote=False)}\)"


def _apart(_renderer, tokens, at: int, *_) -> str:
    r"""Plain text, each backslash in an element of its own: MathJax, which a platform may run, finds no `\(` in it."""
    return escape(tokens[at].content, quote=False).replace("\\", "<span>\\</span>")


_MATHML, _TEX = reader(mathml), reader(_tex)
for _made in (_MATHML, _TEX):
    _made.add_render_rule("text", _apart)
