"""A function of tensors as the list of operations that it carries out; and the same operations on other inputs.

So who judges need not believe what was counted where the function ran: the list is carried out again, on inputs that it
has not met, and counted there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ...exercises.values import Unusable, read, values, written

MOST = 20_000  # operations
LARGEST = 2**20  # numbers in one tensor
CONSTANT = 4096  # numbers in one tensor that no operation made
# Of PyTorch's ATen library: arithmetic, products, sums, and what moves numbers about.
OPERATIONS = """
abs add_ add addcdiv addcmul addmm alias all amax amin any arange argmax argmin as_strided baddbmm bitwise_and
bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm cat ceil clamp clamp_max clamp_min
clone constant_pad_nd copy copy_ cummax cummin cumprod cumsum detach diagonal div div_ dot empty empty_like
empty_strided eq exp_ exp expand expm1 eye fill fill_ flip floor floor_divide fmod full full_like gather ge gt index
index_put_ index_put index_select le lift_fresh lift_fresh_copy linspace log log1p logaddexp logcumsumexp
logical_and logical_not logical_or lt masked_fill_ masked_fill max maximum mean min minimum mm mul_ mul mv ne neg_
neg new_empty new_full new_ones new_zeros ones ones_like permute pow prod reciprocal remainder repeat reshape
_reshape_alias roll scalar_tensor scatter_ scatter select select_scatter sigmoid sign slice slice_scatter _softmax
softmax split split_with_sizes sqrt squeeze stack sub sub_ sum t tanh _to_copy transpose tril triu trunc unbind
unfold _unsafe_view unsqueeze unsqueeze_ view where zero_ zeros zeros_like
"""


class NotTraceable(ValueError):
    """The operations cannot be listed, or carried out again; the message says which."""


class Recorder(TorchDispatchMode):
    """Lists the operations that PyTorch carries out, with where their inputs come from."""

    def __init__(self, *inputs: Tensor):
        super().__init__()
        self.held = list(inputs)  # nothing is freed, so that no identity comes twice
        self.places = {id(one): n for n, one in enumerate(inputs)}
        self.steps: list[list] = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        out = operation(*args, **(kwargs or {}))
        if len(self.steps) < MOST:
            words = {key: self.said(value) for key, value in (kwargs or {}).items()}
            made = [self.place(one) for one in tree_leaves(out) if isinstance(one, Tensor)]
            self.steps.append([str(operation), [self.said(one) for one in args], words, made])
        return out

    def result(self, out: Any) -> Any:
        """What the function returns; where it is no tensor any more, the last tensor that held the same numbers."""
        if isinstance(out, Tensor):
            return self.said(out)
        try:
            numbers = values(out)
        except Unusable:
            return None
        alike = [n for n, one in enumerate(self.held) if one.shape == numbers.shape]
        same = [n for n in alike if np.array_equal(values(self.held[n]), numbers)]
        return {"at": same[-1]} if same else None

    def place(self, tensor: Tensor) -> int:
        """A tensor's number; a new one's where it is new."""
        if id(tensor) not in self.places:
            self.places[id(tensor)] = len(self.held)
            self.held.append(tensor)
        return self.places[id(tensor)]

    def said(self, one: Any) -> Any:
        """An argument as JSON can hold it."""
        if isinstance(one, Tensor):
            if id(one) in self.places:
                return {"at": self.places[id(one)]}
            return {"constant": written(one) if one.numel() <= CONSTANT else None}
        if isinstance(one, list | tuple):
            return [self.said(part) for part in one]
        if isinstance(one, torch.dtype | torch.layout | torch.memory_format):
            return {"torch": str(one).removeprefix("torch.")}
        if isinstance(one, torch.device):
            return {"device": "cpu"}
        return one if one is None or isinstance(one, bool | int | float | str) else {"unknown": type(one).__name__}


def record(function: Callable, *inputs: Tensor) -> str:
    """The operations that the function carries out on these inputs, as text."""
    with Recorder(*inputs) as recorder:
        out = function(*inputs)
    held = {"steps": recorder.steps, "out": recorder.result(out)}
    return json.dumps(held) if len(recorder.steps) < MOST else "null"


def replay(text: str, *inputs: Tensor, within: TorchDispatchMode) -> Tensor:
    """What the same operations make of other inputs of the same shapes, watched by `within`.

    Raises:
        NotTraceable: they cannot be carried out: unknown, too large, or not as `record` writes them.
    """
    try:
        held = json.loads(text)
        carried_out(held, [one.to("meta") for one in inputs])  # sizes alone: nothing is computed
        with within:
            out = carried_out(held, list(inputs))
    except NotTraceable:
        raise
    except Exception as error:  # a list that somebody made up may be wrong in any way
        raise NotTraceable(f"{type(error).__name__}: {str(error)[:80]}") from error
    if not isinstance(out, Tensor):
        raise NotTraceable("no tensor comes of it")
    return out


def carried_out(held: dict, inputs: list[Tensor]) -> Any:
    """Do the steps, one after the other."""
    known, where = dict(enumerate(inputs)), inputs[0].device

    def argument(one: Any) -> Any:
        match one:
            case {"at": int(place)}:
                return known[place]
            case {"constant": value}:
                return torch.from_numpy(read(value).copy()).to(inputs[0].dtype).to(where)
            case {"torch": str(name)}:
                found = getattr(torch, name)
                return found if isinstance(found, torch.dtype | torch.layout | torch.memory_format) else None
            case {"device": _}:
                return where
            case list():
                return [argument(part) for part in one]
            case None | bool() | int() | float() | str():
                return one
        raise NotTraceable(f"an argument that is not known: {str(one)[:40]}")

    for name, args, words, places in held["steps"]:
        library, packet, overload = name.split(".")
        if library != "aten" or packet not in OPERATIONS.split():
            raise NotTraceable(f"the operation {name[:40]} is not among those that can be carried out again")
        operation = reduce(getattr, (packet, overload), torch.ops.aten)
        given = {key: argument(value) for key, value in words.items()}
        if any(one.name == "device" for one in operation._schema.arguments):
            given["device"] = where
        out = operation(*map(argument, args), **given)
        made = [one for one in tree_leaves(out) if isinstance(one, Tensor)]
        if any(one.numel() > LARGEST or one.untyped_storage().nbytes() > 8 * LARGEST for one in made):
            raise NotTraceable(f"{name} makes more than {LARGEST:,} numbers")
        known.update(zip(places, made, strict=True))
    return argument(held["out"])
