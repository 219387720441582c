"""From the MyST Markdown of a chapter to the plain Markdown that JupyterLab and Colab show.

What MyST adds is turned into what both know: an admonition becomes a block quote, a drop-down `<details>`, a citation
"(Author, Year)". A role or directive that has no such form here is an error, so that no reader meets raw markup.
"""

import html
import re
from types import SimpleNamespace

import yaml
from sphinx.directives.code import LiteralInclude, LiteralIncludeReader

from plain_inline import InlineConverter

Line = tuple[int, str]  # its number in the chapter, its text

FENCE = re.compile(r"(?P<indent> *)(?P<mark>`{3,}|~{3,}|:{3,})(?P<info>.*)")
DIRECTIVE = re.compile(r"\{(?P<name>[\w:+-]+)\}\s*(?P<argument>.*)")
LABEL = re.compile(r"\((?P<label>[\w:.-]+)\)=\s*")

NOTES = ("note", "tip", "hint", "important", "warning", "caution", "attention", "danger", "error")
TITLES = {name: name.capitalize() for name in NOTES}
TITLES |= {"seealso": "See also", "admonition": "", "margin": "", "sidebar": "", "epigraph": ""}
WRAPPERS = {"div", "container", "grid", "grid-item", "grid-item-card", "card", "tab-set", "tab-item"}
ON_THE_WEBSITE = "on-the-website"  # the class of what a notebook's reader has no use for
DROPPED = {"bibliography", "tableofcontents", "toctree"}  # the notebook has its own references, JupyterLab its contents


class Converter(InlineConverter):
    """Converts the Markdown of one page."""

    def convert(self, text: str, first_line: int) -> str:
        lines = list(enumerate(text.split("\n"), first_line))
        return "\n".join(self._blocks(lines)).strip("\n")

    def _blocks(self, lines: list[Line]) -> list[str]:
        blocks: list[list[str]] = []
        prose: list[Line] = []
        rest = list(lines)
        while rest:
            number, text = rest.pop(0)
            fence = FENCE.fullmatch(text)
            if not fence and not text.startswith("$$"):
                prose.append((number, text))
                continue
            closing = rf" *{fence['mark'][0]}{{{len(fence['mark'])},}}\s*" if fence else r".*\$\$\s*(\([\w:.-]+\)\s*)?"
            body: list[Line] = []
            closed = not fence and re.fullmatch(closing, text[2:])
            while not closed:
                if not rest:
                    raise self._error(number, f"{text.strip()!r} is never closed.", "Close it with the same marks.")
                body.append(rest.pop(0))
                closed = re.fullmatch(closing, body[-1][1])
            blocks.append(self._prose(prose))
            prose = []
            if fence:
                blocks.append(self._fenced(number, fence, body[:-1]))
            else:
                blocks.append(self._equation("\n".join([text, *(line for _, line in body)])))
        blocks.append(self._prose(prose))
        return "\n\n".join(filter(None, ("\n".join(block).strip("\n") for block in blocks))).split("\n")

    def _prose(self, lines: list[Line]) -> list[str]:
        if not lines:
            return []
        kept = ["" if LABEL.fullmatch(text) or text.startswith("%") else text for _, text in lines]
        text = self._inline("\n".join(kept), lines[0][0])
        text = re.sub(r"^(\S.*)\n+: +", r"**\1**  \n", text, flags=re.MULTILINE)  # a definition list
        return re.sub(r"\n{3,}", "\n\n", text).split("\n")

    def _fenced(self, number: int, fence: re.Match, body: list[Line]) -> list[str]:
        indent = fence["indent"]
        body = [(n, text.removeprefix(indent)) for n, text in body]
        directive = DIRECTIVE.fullmatch(fence["info"].strip())
        if directive:
            out = self._directive(number, directive["name"], directive["argument"], body)
        else:
            out = [fence["mark"] + fence["info"], *(text for _, text in body), fence["mark"]]
        return [(indent + text).rstrip() for text in out]

    def _directive(self, number: int, name: str, argument: str, body: list[Line]) -> list[str]:
        options, body = split_options(body)
        if name == "dropdown" or "dropdown" in options.get("class", ""):
            title = html.escape(argument or TITLES.get(name, ""))
            return [f"<details><summary>{title}</summary>", "", *self._blocks(body), "", "</details>"]
        if name in TITLES:
            if argument and TITLES[name]:  # "{note} Words": a note has no title of its own, so these begin its text
                argument, body = "", [(number, argument), *body]
            title = self._inline(argument, number) or TITLES[name]
            quote = [f"**{title}**", ""] if title else []
            return [f"> {text}".rstrip() for text in [*quote, *self._blocks(body)]]
        if name == "div" and argument == ON_THE_WEBSITE:
            return []
        if name in WRAPPERS:
            title = [f"**{argument}**", ""] if argument and name.endswith(("card", "tab-item")) else []
            return [*title, *self._blocks(body)]
        if name in ("code-block", "code"):
            return [f"```{argument}", *(text for _, text in body), "```"]
        if name == "math":
            label = f" ({options['label']})" if "label" in options else ""
            return self._equation("\n".join(["$$", *(text for _, text in body), f"$${label}"]))
        if name == "literalinclude":
            return self._included(number, argument, options)
        if name in DROPPED:
            return []
        known = ", ".join(sorted({"dropdown", "code-block", "math", "literalinclude", *TITLES, *WRAPPERS, *DROPPED}))
        raise self._error(
            number,
            f"the directive {{{name}}} has no form in a notebook.",
            f"Use one of {known}, or teach tools/plain_markdown.py this one.",
        )

    def _included(self, number: int, name: str, options: dict[str, str]) -> list[str]:
        spec, config = LiteralInclude.option_spec, SimpleNamespace(source_encoding="utf-8")
        try:
            typed = {key: spec[key](value or None) for key, value in options.items() if key in spec}
            code, _ = LiteralIncludeReader(str(self.path.parent / name), typed, config).read()
        except (OSError, ValueError) as error:
            problem = f"{name} cannot be included: {error}."
            raise self._error(number, problem, "Correct the path or the options.") from error
        caption = [f"*{options['caption']}*", ""] if "caption" in options else []
        return [*caption, f"```{options.get('language', 'python')}", *code.rstrip("\n").split("\n"), "```"]

    def _equation(self, text: str) -> list[str]:
        """Display mathematics; a labelled one gets its number within this page."""
        body, label = re.fullmatch(r"\$\$(.*)\$\$\s*(?:\(([\w:.-]+)\))?\s*", text, re.DOTALL).groups()
        tag = [rf"\tag{{{self.pages[self.path.stem].equations.index(label) + 1}}}"] if label else []
        return ["$$", *body.strip("\n").split("\n"), *tag, "$$"]


def split_options(body: list[Line]) -> tuple[dict[str, str], list[Line]]:
    """A directive's options, as `:key: value` lines or between `---`, and what follows them."""
    texts = [text for _, text in body]
    if texts and texts[0] == "---":
        end = texts.index("---", 1)
        options = {key: str(value) for key, value in yaml.safe_load("\n".join(texts[1:end])).items()}
        return options, body[end + 1 :]
    options, used = {}, 0
    while used < len(texts) and (option := re.fullmatch(r":([\w-]+):\s*(.*)", texts[used])):
        options[option[1]] = option[2]
        used += 1
    while used < len(texts) and not texts[used].strip():
        used += 1
    return options, body[used:]
