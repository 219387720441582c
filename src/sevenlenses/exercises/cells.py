"""An exercise in a chapter's cells: the call of `check` that ends its stub, and the parameters that the stub states."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any


def call_of(tree: ast.AST, name: str | None) -> list[ast.Call]:
    """The calls of `check` for this exercise, or for any, in a piece of code."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and (name is None or node.args[0].value == name)
    ]


def checked(source: str) -> list[str]:
    """The exercises whose `check` a cell calls, in order; none where it is no Python."""
    try:
        return [call.args[0].value for call in call_of(ast.parse(source), None)]
    except SyntaxError:
        return []


def assigned(source: str) -> dict[str, ast.expr]:
    """The names that a cell gives a value to, a line each, as in `gate = 0.997`."""
    return {
        node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }


def imports(source: str) -> str:
    """The imports of a cell that is Python; nothing of another."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return ""
    return ast.unparse(ast.Module([node for node in body if isinstance(node, ast.Import | ast.ImportFrom)], []))


def restated(source: str, parameters: Mapping[str, Any]) -> str:
    """The stub with other parameters.

    Raises:
        ValueError: it does not state one of them.
    """
    values, lines = assigned(source), source.split("\n")
    for name, value in parameters.items():
        if name not in values:
            raise ValueError(f"the stub should state the parameter {name}, in a line {name} = {value!r}.")
        at = values[name]
        line = lines[at.lineno - 1].encode()  # columns count bytes
        lines[at.lineno - 1] = (line[: at.col_offset] + repr(value).encode() + line[at.end_col_offset :]).decode()
    return "\n".join(lines)
