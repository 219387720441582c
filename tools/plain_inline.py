"""What stands within a line of MyST Markdown, as plain Markdown: references, citations, numbers.

See plain_markdown.py for blocks.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from myst_nb.core.variables import format_plain_text
from pybtex.backends.markdown import Backend
from pybtex.database import BibliographyData
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style

EQUATION_LABEL = re.compile(r"^\$\$.*\(([\w:.-]+)\)\s*$|^:label:\s*(\S+)", re.MULTILINE)
INLINE = re.compile(
    r"""(?:\{(?P<role>[a-z][\w:-]*)\})?(?P<ticks>`+)(?P<body>.+?)(?<!`)(?P=ticks)(?!`)
      | (?P<math>(?<!\\)\$[^$]+\$)
      | (?P<image>!)?\[(?P<text>[^\]]*)\](?:\((?P<target>[^)\s]*)\)|\{[.\#][^}]*\})""",
    re.DOTALL | re.VERBOSE,
)


class CannotConvert(ValueError):
    """Markup that plain Markdown has no form for."""


@dataclass(frozen=True)
class Page:
    """A page of the book, as others see it."""

    name: str
    title: str
    has_code: bool
    labels: Mapping[str, str]  # label: the title of the section below it
    equations: list[str]


def read_page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    labels = dict(re.findall(r"^\(([\w:.-]+)\)=\n+#+ (.+)$", text, re.MULTILINE))
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    equations = [a or b for a, b in EQUATION_LABEL.findall(text)]
    return Page(path.stem, title[1] if title else path.stem, "```{code-cell}" in text, labels, equations)


@dataclass
class InlineConverter:
    """Converts words within the lines of one page.

    Attributes:
        path: the page, for its file names and for messages.
        pages: every page of the book, by name.
        papers: the bibliography.
        numbers: what `{glue:text}` may take, as `repr` writes it.
        cited: the papers cited so far, in order.
    """

    path: Path
    pages: Mapping[str, Page]
    papers: BibliographyData
    numbers: Mapping[str, str]
    cited: list[str] = field(default_factory=list)

    def references(self) -> str:
        """The cited papers as a list, or nothing."""
        entries = Style().format_entries([self.papers.entries[key] for key in self.cited])
        papers = [f"- {entry.text.render(Backend())}" for entry in entries]
        return "\n".join(["## References", "", *papers]) if papers else ""

    def _error(self, line: int, problem: str, remedy: str) -> CannotConvert:
        return CannotConvert(f"{self.path}:{line}: {problem} {remedy}")

    def _inline(self, text: str, first_line: int) -> str:
        def replace(match: re.Match) -> str:
            line = first_line + text.count("\n", 0, match.start())
            if match["role"]:
                return self._role(line, match["role"], " ".join(match["body"].split()))
            if match["ticks"] or match["math"] or match["image"]:
                return match[0]
            words = self._inline(match["text"], line)
            return words if match["target"] is None else self._link(line, words, match["target"])

        return INLINE.sub(replace, text)

    def _role(self, line: int, role: str, body: str) -> str:
        roles: dict[str, Callable[[int, str], str]] = {
            "cite": lambda line, body: f"({'; '.join(f'{who}, {year}' for who, year in self._cite(line, body))})",
            "cite:t": lambda line, body: "; ".join(f"{who} ({year})" for who, year in self._cite(line, body)),
            "doc": lambda line, body: self._refer(line, *split_target(body)),
            "eq": self._equation_number,
            "glue:text": self._number,
            "math": lambda _, body: f"${body}$",
            "ref": lambda line, body: self._refer(line, *split_target(body)),
            "term": lambda _, body: split_target(body)[0] or body,
        }
        roles["cite:p"] = roles["cite"]
        if role not in roles:
            raise self._error(
                line,
                f"the role {{{role}}} has no form in a notebook.",
                f"Use one of {', '.join(sorted(roles))}, or teach tools/plain_inline.py this one.",
            )
        return roles[role](line, body)

    def _link(self, line: int, words: str, target: str) -> str:
        if re.match(r"(https?|mailto):", target):
            return f"[{words or target}]({target})"
        return self._refer(line, words, target)

    def _refer(self, line: int, words: str, target: str) -> str:
        """A reference to a page or a labelled section: a link where it leads to another notebook, else its words."""
        name, _, label = target.rpartition("#")
        wanted = label or name
        for page in self.pages.values():
            is_page = wanted.removesuffix(".md").split("/")[-1] == page.name
            if is_page or wanted in page.labels:
                words = words or (page.title if is_page else page.labels[wanted])
                return f"[{words}]({page.name}.ipynb)" if page.has_code and page.name != self.path.stem else words
        raise self._error(line, f"{target!r} is no page and no label of a section.", "Correct the reference.")

    def _equation_number(self, line: int, label: str) -> str:
        for page in self.pages.values():
            if label in page.equations:
                return f"({page.equations.index(label) + 1})" if page.name == self.path.stem else f"(see {page.title})"
        raise self._error(line, f"no equation is labelled {label!r}.", "Correct the reference.")

    def _cite(self, line: int, keys: str) -> list[tuple[str, str]]:
        found = []
        for key in re.split(r"\s*,\s*", keys):
            if key not in self.papers.entries:
                raise self._error(line, f"no paper has the key {key!r}.", "Add it to book/references.bib.")
            paper = self.papers.entries[key]
            if key not in self.cited:
                self.cited.append(key)
            names = [str(Text(*person.rich_last_names)) for person in paper.persons["author"]]
            who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
            found.append((who, paper.fields["year"]))
        return found

    def _number(self, line: int, body: str) -> str:
        """The number as the book prints it: name, then a format specification if any."""
        name, specification = body.rsplit(":", 1) if ":" in body else (body, "s")
        if name not in self.numbers:
            known = ", ".join(sorted(self.numbers)) or "none"
            raise self._error(line, f"no cell tagged `numbers` glues {name!r}; glued are: {known}.", "Glue it there.")
        try:
            return format_plain_text(self.numbers[name], specification)
        except ValueError as error:
            raise self._error(line, f"{body!r} cannot be printed: {error}.", "Glue a plain number.") from error


def split_target(body: str) -> tuple[str, str]:
    """`words <target>` apart; without a target, no words."""
    match = re.fullmatch(r"(.+?)\s*<(.+)>", body)
    return (match[1], match[2]) if match else ("", body)
