"""One architecture per file. A new model is one file and one line here.

MODELS take part in every comparison. RIVALS answer one objection each, and take part where it is raised.
"""

from importlib import import_module

import torch

from ..settings import fixed
from .base import SequenceModel
from .block import BLOCKS


def _kinds(paths: dict[str, str]) -> dict[str, type[SequenceModel]]:
    """The classes at `module.Class` in this folder, by name."""
    found = {name: path.split(".") for name, path in paths.items()}
    return {name: getattr(import_module(f".{module}", __name__), kind) for name, (module, kind) in found.items()}


MODELS = _kinds(
    {
        "rnn": "rnn.RNN",
        "lstm": "lstm.LSTM",
        "gru": "gru.GRU",
        "attention": "attention.Attention",
        "attention-positions": "attention.PositionedAttention",
    }
)

RIVALS = (
    _kinds(
        {
            "deep-attention": "deep_attention.DeepAttention",
            "deep-positions": "deep_positions.DeepPositionedAttention",
            "linear-attention": "linear_attention.LinearAttention",
            "short-attention": "short.ShortAttention",
            "short-linear": "short.ShortLinearAttention",
            "vector": "matrix.Vector",
            "matrix": "matrix.Matrix",
            "matrix-gated": "matrix.GatedMatrix",
            "matrix-reading": "matrix.ReadingMatrix",
            "matrix-delta": "matrix.DeltaMatrix",
            "min-lstm": "min_lstm.MinLSTM",
            "bidirectional": "bidirectional.BidirectionalLSTM",
            "deep-bidirectional": "bidirectional.DeepBidirectionalLSTM",
            "deep-lstm": "deep_lstm.DeepLSTM",
            "deeper-lstm": "deep_lstm.DeeperLSTM",
            "two-way-lstm": "deep_lstm.TwoWayLSTM",
            "rung-mean": "rungs.Mean",
            "rung-asked": "rungs.Asked",
            "rung-selective": "rungs.Selective",
            "rung-unchained": "rungs.Unchained",
            "rung-roles": "rungs.Roles",
            "chained-roles": "rungs.ChainedRoles",
            "no-growth": "ablations.NoGrowth",
            "no-asking": "ablations.NoAsking",
            "no-softmax": "ablations.NoSoftmax",
            "no-content": "ablations.NoContent",
            "no-scale": "ablations.NoScale",
            "tied-heads": "ablations.TiedHeads",
            "lstm-coupled": "tied.CoupledGates",
            "lstm-equal": "tied.EqualGates",
            "lstm-shared": "tied.SharedGates",
            "lstm-single": "tied.SingleMatrix",
            "lstm-exposed": "tied.ExposedCell",
            "lstm-noisy": "tied.NoisyGates",
            "lstm-shared-noisy": "tied.NoisySharedGates",
            "irnn": "irnn.IRNN",
            "deep-head": "heads.DeepHead",
            "head-alone": "heads.HeadAlone",
            "deep-head-alone": "heads.DeepHeadAlone",
            "body-alone": "heads.BodyAlone",
            "loud-body-alone": "loud_head.LoudBodyAlone",
            "bag": "bag.Bag",
            "window": "window.Window",
        }
    )
    | BLOCKS
)


@fixed()
def create(name: str, n_in: int, n_hidden: int, n_out: int, *, generator: torch.Generator) -> SequenceModel:
    """The model called `name`, at its default start: in float32 on the CPU, from the generator alone.

    Raises:
        ValueError: there is no such model.
    """
    known = MODELS | RIVALS
    if name not in known:
        raise ValueError(f"model must be one of {', '.join(known)}; got {name!r}.")
    return known[name](n_in, n_hidden, n_out, generator=generator)
