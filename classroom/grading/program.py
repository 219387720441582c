"""What an exercise needs of a student's notebook: the statements that make its answer, and nothing else.

Cells are found by the exercise's id in their metadata, by the call of `check`, or by the answer's name; never by
place. So a notebook may be renamed, reordered, or have cells split, doubled or typed anew.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache

from sevenlenses.exercises import Exercise
from sevenlenses.exercises.cells import call_of

MOST = 3_000  # statements of one notebook: a chapter has a hundred
CALLS = 20  # of one exercise, the last ones
IDLE = {"explore", "show", "ask", "glue", "verdicts"}  # what shows something and makes no answer


@dataclass(frozen=True)
class Cell:
    """A cell as it was handed in. exercise: the id in its metadata, if there is one."""

    source: str
    exercise: str = ""
    code: bool = True


@dataclass(frozen=True)
class Program:
    """Python that ends in an answer, and remarks for whoever looks at it.

    source: statements; "" where nothing was found.
    remarks: what was unusual, such as two different answers.
    """

    source: str
    remarks: tuple[str, ...] = ()


@dataclass
class Statement:
    """A top-level statement: what it binds or changes, and what it reads."""

    node: ast.stmt
    cell: int
    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)


def program_for(exercise: Exercise, cells: list[Cell]) -> Program:
    """The statements that the exercise's answer takes, in the notebook's order; imports first."""
    statements, odd = parsed(tuple(cells))
    remarks = list(odd)
    ends = calls(exercise, statements)
    if not ends and (made := [one for one in statements if exercise.answer in one.binds]):
        remarks.append(
            f'there is no check("{exercise.name}", ...): what the notebook calls {exercise.answer} was taken'
        )
        ends = [(made[-1], ast.Name(exercise.answer, ast.Load()))]
    ends = [(one, answer) for one, answer in ends if not is_open(answer, one, statements)] or ends[-1:]
    if not ends:
        return Program("", tuple(remarks))
    if len({ast.dump(answer) + made_of(answer, one, statements) for one, answer in ends}) > 1:
        remarks.append("there are several different answers: the last one was taken")
    last, answer = ends[-1]
    needed = needs(answer, last, statements)
    imports = [one.node for one in statements if isinstance(one.node, ast.Import | ast.ImportFrom)]
    body = [one.node for one in needed if one.node not in imports]
    final = ast.Assign([ast.Name("__answer__", ast.Store())], answer)
    tree = ast.fix_missing_locations(ast.Module([*map(tolerant, imports), *body, final], []))
    return Program(ast.unparse(tree), tuple(remarks))


def whole(exercise: Exercise, cells: list[Cell]) -> Program:
    """Everything in the notebook, for an answer whose statements alone do not run."""
    statements, _ = parsed(tuple(cells))
    found = calls(exercise, statements)
    if not found:
        return Program("")
    last, answer = found[-1]
    before = [one.node for one in statements[: statements.index(last)] if not shows(one.node)]
    final = ast.Assign([ast.Name("__answer__", ast.Store())], answer)
    tree = ast.fix_missing_locations(ast.Module([*map(tolerant, before), final], []))
    return Program(ast.unparse(tree))


@lru_cache(maxsize=8)
def parsed(cells: tuple[Cell, ...]) -> tuple[list[Statement], tuple[str, ...]]:
    """All statements of the cells that are Python, and what is to be said of the others."""
    statements, remarks = [], []
    for number, cell in enumerate(cells):
        if not cell.code and "check(" not in cell.source:
            continue
        try:
            body = ast.parse(without_magics(cell.source)).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if cell.exercise or "check(" in cell.source:
                remarks.append(f"a cell with an answer is no Python ({error})")
            continue
        if not cell.code:
            remarks.append("an answer stands in a cell of text: it was read as code")
        if len(statements) + len(body) > MOST:
            remarks.append(f"it has more than {MOST:,} statements: those after were not read")
        statements += [described(node, number) for node in body[: MOST - len(statements)]]
    return statements, tuple(remarks)


def without_magics(source: str) -> str:
    """IPython's own lines (%pip, !ls) as `pass`; fences of a cell that was turned to text as nothing."""
    lines = []
    for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        bare = line.lstrip()
        magic = bare.startswith(("%", "!", "?")) or bare.endswith("?")
        lines.append(line[: len(line) - len(bare)] + "pass" if magic else "" if bare.startswith("```") else line)
    return "\n".join(lines)


def described(node: ast.stmt, cell: int) -> Statement:
    """Names inside of a function count as read by its definition: it is there to be called."""
    found = Statement(node, cell)
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            (found.reads if isinstance(one.ctx, ast.Load) else found.binds).add(one.id)
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.binds.add(one.name)
        elif isinstance(one, ast.alias):
            found.binds.add((one.asname or one.name).split(".")[0])
    # x.append(1), x[0] = 1 and x += 1 change x
    targets = [one for one in ast.walk(node) if isinstance(one, ast.Subscript | ast.Attribute)]
    alone = [one.value for one in ast.walk(node) if isinstance(one, ast.Expr)]
    effects = {id(one.func) for one in alone if isinstance(one, ast.Call)}
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.For | ast.While | ast.If | ast.With):
        found.binds |= {root.id for one in targets if isinstance(root := base(one), ast.Name) and changes(one, effects)}
    return found


def base(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node


def changes(one: ast.expr, effects: set[int]) -> bool:
    """Whether a statement may change what this is a part of: it stores there, or calls a method for its effect."""
    return isinstance(one.ctx, ast.Store | ast.Del) or id(one) in effects


def calls(exercise: Exercise, statements: list[Statement]) -> list[tuple[Statement, ast.expr]]:
    """The statements that hand an answer in, each with what it hands in."""
    found = []
    for one in statements:
        for call in call_of(one.node, exercise.name):
            given = [word.value for word in call.keywords if word.arg == "answer"]
            found += [(one, answer) for answer in [*call.args[1:2], *given]]
    return found[-CALLS:]


def needs(answer: ast.expr, last: Statement, statements: list[Statement]) -> list[Statement]:
    """The statements that the answer takes: those before `last` that bind a name needed, or else any after it."""
    end = statements.index(last) + (0 if call_of(last.node, None) else 1)
    wanted = {one.id for one in ast.walk(answer) if isinstance(one, ast.Name)}
    taken: set[int] = set()
    while True:
        before = [n for n in range(end) if statements[n].binds & wanted]
        made = set().union(*(statements[n].binds for n in before)) if before else set()
        after = [n for n in range(end, len(statements)) if statements[n].binds & (wanted - made)]
        grown = {n for n in (*before, *after) if not handing(statements[n].node)} - taken
        if not grown:
            return [statements[n] for n in sorted(taken)]
        taken |= grown
        wanted = wanted.union(*(statements[n].reads for n in grown))


def handing(node: ast.stmt) -> bool:
    """Whether a statement only hands in, or only shows something."""
    return shows(node) or (isinstance(node, ast.Expr) and bool(call_of(node, None)))


def shows(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id in IDLE
    )


def is_open(answer: ast.expr, at: Statement, statements: list[Statement]) -> bool:
    """Whether the three dots are still there: as the answer, as its value, or as all that its function returns."""
    if isinstance(answer, ast.Constant):
        return answer.value is ...
    if not isinstance(answer, ast.Name):
        return False
    made = [one.node for one in statements if answer.id in one.binds and not call_of(one.node, None)]
    return bool(made) and all(dots(node) for node in made)


def dots(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Assign | ast.Return) else None
    if isinstance(node, ast.FunctionDef):
        rest = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        return len(rest) == 1 and dots(rest[0])
    return isinstance(value, ast.Constant) and value.value is ...


def made_of(answer: ast.expr, at: Statement, statements: list[Statement]) -> str:
    return "\n".join(ast.dump(one.node) for one in needs(answer, at, statements))


def tolerant(node: ast.stmt) -> ast.stmt:
    """The statement, whose failure is no matter unless something needs what it makes."""
    return ast.Try([node], [ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])], [], [])
