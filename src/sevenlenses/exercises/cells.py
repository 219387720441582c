"""An exercise in a chapter's cells: the call of `check` that ends its stub, and the parameters that the stub states."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any


def checked(source: str) -> list[str]:
    """The exercises whose `check` a cell calls, in order; none where it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    return [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def assigned(source: str) -> dict[str, ast.expr]:
    """The names that a cell gives a value to, a line each, as in `gate = 0.997`."""
    return {
        node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }


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
