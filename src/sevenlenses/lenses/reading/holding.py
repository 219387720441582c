"""What would the network answer if the sentence stopped here? Asked after every word, on the way through training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...lens import Value
from ...models.base import SequenceModel
from ...runtime import generator, one_thread
from ...tasks.sentences import CLAUSE, FIRST, NUMBER, STOP, WORDS, Sentences
from ...tasks.tokens import on
from ..learning import Learned, Lesson, Training, stacked

LOOKS = (25, 50, 100, 200, 400)  # training steps at which we look; and at the end
LAST = 61  # words of the longest sentence that is read; the longest in training has 33
READ = 256  # sentences that are read, the same at every look
SHOWN = 3  # sentences that are kept word by word, the same in every run
SHOWN_WORDS = 33


@dataclass(frozen=True, kw_only=True)
class Held(Learned):
    """A learning curve without an early stop, and the answers after every word from the fifth on. NaN: not yet.

    An answer after n words is that to the sentence's first n words and a stop; so a place stands for a length, too.

    looked: (seeds, looks), the training steps at which we look.
    right: (seeds, looks, LAST - 4), share of sentences right after so many words.
    kept: (seeds, looks, LAST - 4), share right after the fifth word and right after so many.
    held: (seeds, looks, LAST - 4), share right after every word from the fifth up to so many.
    sure: (seeds, looks, LAST - 4), mean probability of the right name.
    shown: (seeds, looks, SHOWN, SHOWN_WORDS - 4), probability of the right name in the sentences `shown_sentences`.
    said: (seeds, looks, SHOWN, SHOWN_WORDS - 4), number of the most probable name there.
    apart: (seeds,), largest change of an output when the suspect and the next name change places, over sentences.
    both: (seeds,), share of such pairs of sentences in which both are answered right.
    """

    looked: np.ndarray
    right: np.ndarray
    kept: np.ndarray
    held: np.ndarray
    sure: np.ndarray
    shown: np.ndarray
    said: np.ndarray
    apart: np.ndarray
    both: np.ndarray


def watch(lesson: Lesson, knobs: dict[str, Value], seed: int, device: str) -> Iterator[Held]:
    """Train to the end, and look after so many steps and at the end."""
    steps = lesson.plan.steps
    looks = (*(one for one in LOOKS if one < steps), steps)
    training = Training(lesson, seed, device)
    seen: list[dict[str, np.ndarray]] = []
    ended = dict.fromkeys(("apart", "both"), np.nan)
    for now in training:
        if now.step in looks:
            seen.append(look(training.model, seed))
        if now.done:
            ended = swapped(training.model, lesson.task, seed)
        yield Held(
            knobs=knobs,
            **training.learned(),
            looked=np.array([looks], float),
            **{name: np.array([value]) for name, value in ended.items()},
            **stacked(seen or [unseen()], len(looks)),
        )


def unseen() -> dict[str, np.ndarray]:
    """What `look` gives, not yet measured."""
    along = np.full(LAST - FIRST + 1, np.nan)
    kept = np.full((SHOWN, SHOWN_WORDS - FIRST + 1), np.nan)
    return dict.fromkeys(("right", "kept", "held", "sure"), along) | dict.fromkeys(("shown", "said"), kept)


def shown_sentences() -> Tensor:
    """Word numbers (SHOWN, SHOWN_WORDS)."""
    task = Sentences(longest=SHOWN_WORDS, words=SHOWN_WORDS, unknown=0.0)
    return task.draw(SHOWN, generator(0, "shown sentences"))[0][:, :-1]


def look(model: SequenceModel, seed: int) -> dict[str, np.ndarray]:
    """All of `Held` that one look measures, on sentences that do not change from look to look."""
    numbers = Sentences(longest=LAST, words=LAST).draw(READ, generator(seed, "sentences"))[0][:, :-1]  # (B, LAST)
    chances = answers(model, numbers)  # (B, LAST - 4, suspects)
    right = chances.argmax(-1) == numbers[:, FIRST - 1 : FIRST]  # (B, LAST - 4)
    found = {
        "right": right,
        "kept": right & right[:, :1],
        "held": right.cumprod(1),
        "sure": of_the_right(chances, numbers),
    }
    examples = shown_sentences()
    shown = answers(model, examples)  # (SHOWN, SHOWN_WORDS - 4, suspects)
    return {name: one.double().mean(0).numpy().round(3) for name, one in found.items()} | {
        "shown": of_the_right(shown, examples).double().numpy().round(3),
        "said": shown.argmax(-1).double().numpy(),
    }


def of_the_right(chances: Tensor, numbers: Tensor) -> Tensor:
    """(B, n): the probability of the right name, of all names' (B, n, suspects)."""
    right = numbers[:, FIRST - 1].view(-1, 1, 1).expand(-1, chances.shape[1], 1)  # (B, n, 1)
    return chances.gather(2, right).squeeze(2)  # (B, n)


@torch.no_grad()
@one_thread()
def answers(model: SequenceModel, numbers: Tensor) -> Tensor:
    """The probability of each name (B, words - 4, suspects) after every word from the fifth on: word and stop.

    Args:
        numbers: (B, words), word numbers without the stop.
    """
    x = on(numbers, len(WORDS)).to(next(model.parameters()).device)  # (B, words, n_in)
    stop = on(torch.full_like(numbers[:, :1], NUMBER[STOP]), len(WORDS)).to(x)  # (B, 1, n_in)
    ends = [model(torch.cat([x[:, :n], stop], 1)).outputs[:, -1] for n in range(FIRST, x.shape[1] + 1)]
    return torch.stack(ends, 1).softmax(-1).cpu()  # (B, words - 4, suspects)


@torch.no_grad()
@one_thread()
def swapped(model: SequenceModel, task: Sentences, seed: int) -> dict[str, float]:
    """Two orders of the same words: the suspect and the next name in each other's place."""
    other = FIRST + len(CLAUSE) - 1  # where the first clause has its name
    words = task.words or FIRST + len(CLAUSE)
    numbers, _ = Sentences(longest=words, words=words).draw(2 * READ, generator(seed, "orders"))
    differ = (numbers[:, other] < task.suspects) & (numbers[:, other] != numbers[:, FIRST - 1])
    first = numbers[differ][:READ]  # (B, words + 1); suspects have the first numbers
    second = first.clone()
    second[:, [FIRST - 1, other]] = first[:, [other, FIRST - 1]]
    device = next(model.parameters()).device
    one, two = (model(on(each, len(WORDS)).to(device)).outputs[:, -1].cpu() for each in (first, second))
    right = [out.argmax(-1) == each[:, FIRST - 1] for out, each in ((one, first), (two, second))]
    return {
        "apart": (one - two).abs().max().item(),
        "both": (right[0] & right[1]).double().mean().item(),
    }
