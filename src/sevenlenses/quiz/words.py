r"""The Markdown of a question as HTML: `code`, *emphasis*, **strong** and $mathematics$.

Mathematics becomes MathML, which browsers lay out by themselves: the same in the book, in JupyterLab and in Colab, with
no script to wait for. TeX is read as far as a question needs it: letters, numbers, signs, sub- and superscripts, \frac,
\sqrt, accents, words in \mathrm, Greek letters. Everything else is refused by name.
"""

from __future__ import annotations

import re
from html import escape

MARKS = re.compile(
    r"""(?P<code>`[^`]+`) | (?P<math>\$[^$]+\$) | \*\*(?P<strong>(?!\s).+?(?<!\s))\*\*
        | \*(?P<em>(?![\s*]).+?(?<![\s*]))\* | (?P<stray>[`$])""",
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"\\(?:mathrm|text|operatorname)\{(?P<word>[^{}]+)\}")
TOKENS = re.compile(r"\\(?:mathrm|text|operatorname)\{[^{}]+\}|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)


def _pairs(words: str) -> dict[str, str]:
    """The table "name sign name sign ..."."""
    parts = words.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


LETTERS = _pairs(
    "alpha α beta β gamma γ delta δ epsilon ε theta θ kappa κ lambda λ mu μ pi π rho ρ sigma σ tau τ phi φ psi ψ"
    " omega ω Delta Δ Theta Θ Lambda Λ Sigma Σ Phi Φ Omega Ω ell ℓ partial ∂"
)
SIGNS = _pairs(
    "odot ⊙ cdot ⋅ times × le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡ in ∈ to → infty ∞ sum ∑ prod ∏ mid ∣ pm ±"
    " dots … ldots … cdots ⋯ top ⊤ lVert ‖ rVert ‖ Vert ‖ | ‖ propto ∝ oplus ⊕ { { } } % % & &"
)
FUNCTIONS = {"tanh", "exp", "log", "ln", "max", "min", "sin", "cos", "arg"}
ACCENTS = {"tilde": "~", "hat": "^", "bar": "¯", "vec": "→"}
SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.28em", "quad": "1em"}


class Unreadable(ValueError):
    """Markdown or mathematics beyond what a question may hold."""


def to_html(text: str) -> str:
    """`text` as HTML; whatever is no mark of ours stays the text that it is.

    Raises:
        Unreadable: a backtick or a dollar sign without its partner, or TeX that is not known here.
    """
    parts, end = [], 0
    for found in MARKS.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_marked(found))
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _marked(found: re.Match) -> str:
    kind = found.lastgroup
    inner = found[kind]
    if kind == "stray":
        raise Unreadable(f"{inner!r} has no partner. Close it, or say it in words.")
    if kind == "code":
        return f"<code>{escape(inner[1:-1])}</code>"
    if kind == "math":
        return f"<math>{_Tex(inner[1:-1]).row()}</math>"
    return f"<{kind}>{to_html(inner)}</{kind}>"


class _Tex:
    """One formula, read from left to right."""

    def __init__(self, source: str):
        self.source = source
        self.tokens = TOKENS.findall(source)[::-1]

    def refuse(self, why: str) -> Unreadable:
        return Unreadable(f"${self.source}$ cannot be read: {why}. Write it in simpler signs, or in words.")

    def row(self, closing: str | None = None) -> str:
        """Everything up to the closing brace, or to the end."""
        parts = []
        while self.tokens and self.tokens[-1] != "}":
            parts.append(self.scripted())
        if closing and not self.tokens:
            raise self.refuse("a brace is never closed")
        if not closing and self.tokens:
            raise self.refuse("a brace closes what was never opened")
        if closing:
            self.tokens.pop()
        return f"<mrow>{''.join(parts)}</mrow>"

    def scripted(self) -> str:
        """One sign with its sub- and superscript."""
        base, scripts = self.atom(), {}
        while self.tokens and self.tokens[-1] in "_^'":
            mark = self.tokens.pop()
            place = "_" if mark == "_" else "^"
            if place in scripts:
                raise self.refuse("two scripts at one place")
            scripts[place] = "<mo>′</mo>" if mark == "'" else self.atom()
        tag = {"": "", "_": "msub", "^": "msup", "^_": "msubsup"}["".join(sorted(scripts))]
        return f"<{tag}>{base}{scripts.get('_', '')}{scripts.get('^', '')}</{tag}>" if tag else base

    def atom(self) -> str:
        if not self.tokens:
            raise self.refuse("something is missing at its end")
        token = self.tokens.pop()
        if word := WORD.fullmatch(token):
            return f'<mi mathvariant="normal">{escape(word[1])}</mi>'
        if token == "{":
            return self.row("}")
        if token.startswith("\\"):
            return self.command(token[1:])
        if token in "_^'}":
            raise self.refuse(f"{token!r} stands alone")
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{token}</mi>"
        return f"<mo>{escape({'-': '−', '*': '∗'}.get(token, token))}</mo>"

    def command(self, name: str) -> str:
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if name in SIGNS:
            return f"<mo>{escape(SIGNS[name])}</mo>"
        if name in FUNCTIONS:
            return f"<mi>{name}</mi>"
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"/>'
        if name in ACCENTS:
            return f'<mover accent="true">{self.atom()}<mo>{ACCENTS[name]}</mo></mover>'
        if name == "frac":
            return f"<mfrac>{self.atom()}{self.atom()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.atom()}</msqrt>"
        if name in ("left", "right"):
            return self.atom()
        raise self.refuse(f"there is no \\{name} here")
