"""What is handed in, as values: collected where the answer runs, written as text, read again where it is judged.

An answer may come as a number, a list, a NumPy array or a tensor, in float32 or float64, and it may add in any order.
What it came as does not tell how it was computed: a list has no type, and a float64 array may have been filled from
float32. So rounding is always allowed for as float32 makes it; the wrong answers that exercises name are
a thousand times as far off.
"""

from __future__ import annotations

import math
import numbers
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import torch
from torch import Tensor

COARSE = (torch.float16, torch.bfloat16, np.dtype(np.float16))
ROUNDING = 8 * float(np.finfo(np.float32).eps)  # for each term, in shares of the largest number
DTYPES = {"float": np.dtype("<f8"), "int": np.dtype("<i8")}


class NotAnswered(Exception):
    """The function still returns the three dots."""


class Unusable(ValueError):
    """What was handed in cannot be compared; the message says what it should be, and what came."""


@dataclass(frozen=True)
class Other:
    """Something that is no number: how it is called in a sentence."""

    said: str
    coarse: bool = False  # numbers, but of too few digits; `said` is their type

    def __repr__(self) -> str:
        return self.said


@dataclass(frozen=True)
class Returned:
    """What a function gave for one case, and its arguments afterwards, which it may have changed."""

    value: Any
    given: tuple


# Collecting, where the student's code runs


def number(answer: Any) -> float:
    """The one finite number that an answer holds, or spells.

    Raises:
        NotAnswered: it is still the three dots.
        Unusable: it is something else.
    """
    if answer is ...:
        raise NotAnswered
    try:
        found = values(float(answer) if isinstance(answer, str) else answer)
    except ValueError:
        raise Unusable(f"The answer should be one number; got {answer!r}.") from None
    if found.size != 1 or not math.isfinite(found.item()):
        raise Unusable(f"The answer should be one finite number; got {answer!r}.")
    return found.item()


def call(answer: Callable, *given: Any) -> Returned:
    """What the student's function returns for copies of what is given.

    Numbers are given in float64. PyTorch multiplies no float64 with a float32 that the function has made itself, as
    `torch.zeros` does; then they are given in float32.

    Raises:
        NotAnswered: the function returns three dots.
        Unusable: it is no function.
    """
    if not callable(answer):
        raise Unusable(f"The answer should be the function itself, by its name; got {told(answer)}.")
    copies = copied(given, torch.float64)
    try:
        found = answer(*copies)
    except RuntimeError as error:
        copies = copied(given, torch.float32)
        try:
            found = answer(*copies)
        except Exception:
            raise error from None
    if found is ...:
        raise NotAnswered
    return Returned(read(written(found)), tuple(read(written(one)) for one in copies))


def copied(given: Sequence[Any], dtype: torch.dtype) -> tuple:
    """Copies of what is given: numbers in this type, lists anew, functions as they are."""
    return tuple(
        list(one)
        if isinstance(one, list)
        else one
        if not isinstance(one, Tensor)
        else one.to(dtype, copy=True)
        if one.is_floating_point()
        else one.clone()
        for one in given
    )


# Values as text


def written(one: Any) -> Any:
    """A value as JSON can hold it, to the last digit."""
    if one is None or isinstance(one, bool):
        return one
    if isinstance(one, Returned):
        return {"returned": written(one.value), "given": written(one.given)}
    if isinstance(one, list | tuple):
        return {"tuple" if isinstance(one, tuple) else "list": [written(part) for part in one]}
    if isinstance(one, str):
        return {"text": one}
    if getattr(one, "dtype", None) in COARSE:
        return {"coarse": str(one.dtype)}
    if isinstance(one, int) and abs(one) < 2**53:
        return int(one)
    if isinstance(one, numbers.Real | Decimal):
        return {"float": float(one).hex()}
    array = one.detach().cpu().resolve_conj().resolve_neg().numpy() if isinstance(one, Tensor) else one
    if isinstance(array, np.ndarray) and array.dtype.kind in "fiub":
        kind = "float" if array.dtype.kind == "f" else "int"
        return {kind: b64encode(array.astype(DTYPES[kind]).tobytes()).decode(), "shape": list(array.shape)}
    return {"other": told(one)}


def read(text: Any) -> Any:
    """The value again: None, a bool, a number, text, an array, a list or tuple of these; anything else as `Other`.

    Raises:
        ValueError: it is not as `written` writes it.
    """
    match text:
        case None | bool() | int():
            return text
        case {"list": list(parts), **rest} if not rest:
            return [read(part) for part in parts]
        case {"tuple": list(parts), **rest} if not rest:
            return tuple(read(part) for part in parts)
        case {"returned": value, "given": {"tuple": list(parts)}, **rest} if not rest:
            return Returned(read(value), tuple(map(read, parts)))
        case {"text": str(), **rest} if not rest:
            return text["text"]
        case {"coarse": str(said), **rest} if not rest:
            return Other(said[:40], coarse=True)
        case {"other": str(said), **rest} if not rest:
            return Other(said[:80])
        case {"float": str(digits), **rest} if not rest:
            return float.fromhex(digits)
        case {"float": str(data), "shape": list(shape), **rest} if not rest:
            return unpacked(data, "float", shape)
        case {"int": str(data), "shape": list(shape), **rest} if not rest:
            return unpacked(data, "int", shape)
    raise ValueError(f"no value is written like this: {str(text)[:40]}")


def unpacked(data: str, kind: str, shape: list) -> np.ndarray:
    """The array that `written` packed."""
    if not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError(f"a shape is a list of whole numbers; got {str(shape)[:40]}")
    return np.frombuffer(b64decode(data, validate=True), DTYPES[kind]).reshape(shape)


# Judging


def array(given: Any, shape: tuple[int, ...], what: str, *, spread: bool = False) -> np.ndarray:
    """What a function returned, as float64 of this shape; with `spread`, one number may stand for all of them.

    Raises:
        Unusable: it is of another shape, or holds no real numbers; `what` is said of what it should be.
    """
    if isinstance(given, Other) and given.coarse:
        raise Unusable(f"Your function returns {given}, too coarse to tell. Compute in float32 or float64.")
    try:
        found = values(given)
    except Unusable as why:
        raise Unusable(f"The function should return {what}; {why}") from None
    if spread and found.ndim == 0:
        return np.full(shape, found)
    if found.shape != shape:
        came = "one number" if found.ndim == 0 else told(found)
        raise Unusable(f"The function should return {what}; got {came}.")
    return found


def arrays(given: Any, shapes: Sequence[tuple[int, ...]], what: str, *, spread: bool = False) -> list[np.ndarray]:
    """The same for a function that returns several."""
    several = isinstance(given, tuple | list) or getattr(given, "ndim", 0) > 0
    if not several or len(given) != len(shapes):
        raise Unusable(f"The function should return {what}; got {told(given)}.")
    return [array(one, shape, what, spread=spread) for one, shape in zip(given, shapes, strict=True)]


def values(given: Any) -> np.ndarray:
    """Numbers in any of their forms, as float64.

    Raises:
        Unusable: something in it is no real number, or rows differ in length.
    """
    if isinstance(given, Tensor) and not given.is_complex():
        return given.detach().cpu().double().numpy()
    if isinstance(given, list | tuple):
        rows = [values(one) for one in given]
        if len({row.shape for row in rows}) > 1:
            raise Unusable("its rows differ in length.")
        return np.stack(rows) if rows else np.empty(0)
    if isinstance(given, numbers.Real | Decimal):
        return np.array(float(given))
    found = None if isinstance(given, Tensor | Other) else np.asarray(given)
    if found is None or found.dtype.kind not in "fiub":
        raise Unusable(f"got {told(given)}.")
    return found.astype(np.float64)


def told(given: Any) -> str:
    """What came, short enough for a sentence."""
    if getattr(given, "ndim", 0):
        return f"one of shape {tuple(given.shape)}"
    said = repr(given)
    return said if len(said) <= 40 else f"{said[:39]}…"


def unchanged(now: Sequence[Any], given: Sequence[Tensor]) -> bool:
    """Whether a function left these as they were."""
    return all(
        any(np.array_equal(after, before.to(dtype).double().numpy()) for dtype in (before.dtype, torch.float32))
        for after, before in zip(now, given, strict=True)
    )


def off(given: np.ndarray | float, exact: Tensor | np.ndarray | float, terms: int, size: float | None = None) -> float:
    """By how much an answer is off at the most; 0 where rounding explains it, NaN where it holds one.

    Args:
        terms: how many numbers add up to one of the answer's.
        size: how large the numbers are that it was computed from, where that is not the size of the answer itself.
    """
    right = values(exact)
    worst = float(np.abs(given - right).max())
    size = np.abs(right).max() if size is None else size
    return 0.0 if worst <= ROUNDING * terms * size else worst
