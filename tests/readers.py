"""One reader for each task: from the input alone it gives the answers, by looking, counting and remembering."""

import itertools

import torch

from sevenlenses.tasks.adding import Adding
from sevenlenses.tasks.agreement import Agreement
from sevenlenses.tasks.brackets import Brackets
from sevenlenses.tasks.compared import Compared
from sevenlenses.tasks.cue import Cue
from sevenlenses.tasks.flagged import Flagged
from sevenlenses.tasks.hops import Hops
from sevenlenses.tasks.kin import Kin
from sevenlenses.tasks.latch import Latch
from sevenlenses.tasks.letters import LETTERS, Letters
from sevenlenses.tasks.moments import Moments
from sevenlenses.tasks.moved import Moved
from sevenlenses.tasks.ordered import Ordered
from sevenlenses.tasks.precedence import Precedence
from sevenlenses.tasks.pronouns import IT, NAMES, THEY, THINGS, WITH, Pronouns
from sevenlenses.tasks.pronouns import WORDS as SPOKEN
from sevenlenses.tasks.recall import Recall
from sevenlenses.tasks.report import Report
from sevenlenses.tasks.sentences import FIRST, STOP, SUSPECTS, WORDS, Sentences
from sevenlenses.tasks.token_recall import TokenRecall
from sevenlenses.tasks.tokens import SIZE
from sevenlenses.tasks.tracking import GROUPS, Tracking


def read_latch(task: Latch, x: torch.Tensor) -> torch.Tensor:
    """One step after another: what came first, said at every step. (B, T, n_in) → (B, T, classes)."""
    return torch.stack([x[:, 0, : task.classes] for _ in x.unbind(1)], 1)


def read_cue(task: Cue, x: torch.Tensor) -> torch.Tensor:
    """One step after another: the last cue that came. (B, T, n_in) → (B, T, classes)."""
    outputs, found = [], torch.zeros(len(x), task.classes)
    for now in x[..., : task.classes].unbind(1):
        found = torch.where(now.any(-1, keepdim=True), now, found)
        outputs.append(found)
    return torch.stack(outputs, 1)


def read_adding(task: Adding, x: torch.Tensor) -> torch.Tensor:
    """One step after another: the sum of what was marked so far. (B, T, 2) → (B, T, 1)."""
    return (x[:, :, :1] * x[:, :, 1:]).cumsum(1)


def place_of(part: list[float]) -> int | None:
    """Where the one that is on stands; None where nothing is on."""
    return part.index(SIZE) if any(part) else None


def read_recall(task: Recall, x: torch.Tensor) -> torch.Tensor:
    """A dictionary that writes what has a value and looks up what has none. (B, T, n_in) → (B, T, values)."""
    outputs = torch.zeros(*x.shape[:2], task.values)
    for b, steps in enumerate(x.tolist()):
        found = {}
        for t, step in enumerate(steps):
            key, value = place_of(step[: task.keys]), place_of(step[task.keys :])
            if value is not None:
                found[key] = value
            elif key is not None:
                outputs[b, t, found[key]] = 1
    return outputs


def read_moments(task: Moments, x: torch.Tensor) -> torch.Tensor:
    """A dictionary, and the one of its values that is marked or whose key comes alone: said at the end."""
    outputs = torch.zeros(*x.shape[:2], task.values)
    for b, steps in enumerate(x.tolist()):
        found, wanted = {}, None
        for *step, flag, _ in steps:
            key, value = place_of(step[: task.keys]), place_of(step[task.keys :])
            if value is not None:
                found[key] = value
            if flag or (key is not None and value is None):
                wanted = key
        outputs[b, -1, found[wanted]] = 1
    return outputs


def read_flagged(task: Flagged, x: torch.Tensor) -> torch.Tensor:
    """The value that came with a flag: said at the end."""
    outputs = torch.zeros(*x.shape[:2], task.values)
    for b, steps in enumerate(x.tolist()):
        for *value, flag, _ in steps:
            if flag:
                found = place_of(value)
        outputs[b, -1, found] = 1
    return outputs


def read_ordered(task: Ordered, x: torch.Tensor) -> torch.Tensor:
    """A dictionary, whatever the order. (B, T, n_in) → (B, T, values)."""
    return read_recall(Recall(task.pairs, task.pairs, task.values, reads=1), x)


def read_precedence(task: Precedence, x: torch.Tensor) -> torch.Tensor:
    """Remembers the value of the first mark, and says it at every step. (B, T, n_in) → (B, T, values)."""
    outputs = torch.zeros(*x.shape[:2], task.values)
    for b, steps in enumerate(x.tolist()):
        first = next(step for step in steps if step[-2])
        outputs[b, :, place_of(first[: task.values])] = 1
    return outputs


def read_brackets(task: Brackets, x: torch.Tensor) -> torch.Tensor:
    """A stack. (B, T, n_in) → (B, T, kinds)."""
    outputs = torch.zeros(*x.shape[:2], task.kinds)
    for b, steps in enumerate(x.tolist()):
        stack = []
        for t, step in enumerate(steps):
            kind = place_of(step)
            if kind < task.kinds:
                stack.append(kind)
            else:
                outputs[b, t, stack.pop()] = 1
    return outputs


def read_tracking(task: Tracking, x: torch.Tensor) -> torch.Tensor:
    """Moves real things about. (B, T, n_in) → (B, T, n_in)."""
    ways = list(itertools.permutations(range(GROUPS[task.what])))
    outputs = torch.zeros(*x.shape[:2], len(ways))
    for b, steps in enumerate(x.tolist()):
        things = ways[0]
        for t, step in enumerate(steps):
            things = tuple(things[place] for place in ways[place_of(step)])
            outputs[b, t, ways.index(things)] = 1
    return outputs


def read_kin(task: Kin, x: torch.Tensor) -> torch.Tensor:
    """A dictionary, in which the key after the one that comes alone is looked up. (B, T, n_in) → (B, T, values)."""
    outputs = torch.zeros(*x.shape[:2], task.values)
    for b, steps in enumerate(x.tolist()):
        found = {place_of(step[: task.keys]): place_of(step[task.keys :]) for step in steps[:-1]}
        outputs[b, -1, found[(place_of(steps[-1][: task.keys]) + 1) % task.keys]] = 1
    return outputs


def read_sentences(task: Sentences, x: torch.Tensor) -> torch.Tensor:
    """The fifth word. (B, T, n_in) → (B, T, suspects)."""
    return x[:, FIRST - 1 : FIRST, : task.suspects].expand(-1, task.length, -1)


def read_report(task: Report, x: torch.Tensor) -> torch.Tensor:
    """What came first where the sign is on, what comes now elsewhere. (B, T, n_in) → (B, T, values)."""
    first, now = x[:, :1, : task.values], x[..., : task.values]
    return torch.where(x[..., -1:] == SIZE, first, now) / SIZE


def read_letters(task: Letters, x: torch.Tensor) -> torch.Tensor:
    """The word whose last letter comes before the fifth blank, or the first stop. (B, T, n_in) → (B, T, suspects)."""
    outputs = torch.zeros(*x.shape[:2], task.n_out)
    for b, steps in enumerate(x.argmax(-1).tolist()):
        text = "".join(LETTERS[n] for n in steps)
        outputs[b, :, SUSPECTS.index(text.partition(STOP)[0].split(" ")[FIRST - 1])] = 1
    return outputs


def read_moved(task: Moved, x: torch.Tensor) -> torch.Tensor:
    """The second word after "suspects". (B, T, n_in) → (B, T, suspects)."""
    outputs = torch.zeros(*x.shape[:2], task.suspects)
    for b, steps in enumerate(x.argmax(-1).tolist()):
        outputs[b, :, steps[steps.index(WORDS.index("suspects")) + 2]] = 1
    return outputs


def read_compared(task: Compared, x: torch.Tensor) -> torch.Tensor:
    """A dictionary, asked twice. (B, T, n_in) → (B, T, 2)."""
    outputs = torch.zeros(*x.shape[:2], 2)
    for b, steps in enumerate(x.tolist()):
        found = {place_of(step[: task.keys]): place_of(step[2 * task.keys :]) for step in steps[:-1]}
        first, second = steps[-1][: task.keys], steps[-1][task.keys : 2 * task.keys]
        outputs[b, -1, int(found[place_of(first)] > found[place_of(second)])] = 1
    return outputs


def read_hops(task: Hops, x: torch.Tensor) -> torch.Tensor:
    """A dictionary, asked for what it said. (B, T, n_in) → (B, T, keys)."""
    outputs = torch.zeros(*x.shape[:2], task.keys)
    for b, steps in enumerate(x.tolist()):
        leads = {place_of(step[: task.keys]): place_of(step[task.keys :]) for step in steps[:-1]}
        outputs[b, -1, leads[leads[place_of(steps[-1][: task.keys])]]] = 1
    return outputs


def read_token_recall(task: TokenRecall, x: torch.Tensor) -> torch.Tensor:
    """A dictionary of the first tokens, two by two; later what it says of a token. (B, T, n_in) → (B, T, n_out)."""
    outputs = torch.zeros(*x.shape[:2], task.n_out)
    for b, tokens in enumerate(x.argmax(-1).tolist()):
        written = tokens[: 2 * task.pairs]
        found = dict(zip(written[::2], written[1::2], strict=True))
        for t, token in enumerate(tokens[2 * task.pairs :], 2 * task.pairs):
            if token in found:
                outputs[b, t, found[token]] = 1
    return outputs


def read_agreement(task: Agreement, x: torch.Tensor) -> torch.Tensor:
    """The number of the noun that has no preposition: said at the verb. (B, T, n_in) → (B, T, 2)."""
    outputs = torch.zeros(*x.shape[:2], 2)
    for b, words in enumerate(x.argmax(-1).tolist()):
        nouns = [word < 2 * task.nouns for word in words]
        (subject,) = [t for t, noun in enumerate(nouns) if noun and (t == 0 or nouns[t - 1])]
        outputs[b, words.index(task.n_in - 2), words[subject] // task.nouns] = 1
    return outputs


def read_pronouns(task: Pronouns, x: torch.Tensor) -> torch.Tensor:
    """The person of the opening at "they", its thing at "it". (B, T, n_in) → (B, T, names)."""
    outputs = torch.zeros(*x.shape[:2], task.n_out)
    for b, numbers in enumerate(x.argmax(-1).tolist()):
        words = [SPOKEN[n] for n in numbers]
        named = [word for word in words[: len(WITH)] if word in NAMES]
        for t, word in enumerate(words):
            if word in (THEY, IT):
                (meant,) = (name for name in named if (name in THINGS) == (word == IT))
                outputs[b, t, NAMES.index(meant)] = 1
    return outputs


READERS = {
    "latch": read_latch,
    "adding": read_adding,
    "recall": read_recall,
    "moments": read_moments,
    "flagged": read_flagged,
    "ordered": read_ordered,
    "precedence": read_precedence,
    "brackets": read_brackets,
    "tracking": read_tracking,
    "kin": read_kin,
    "sentences": read_sentences,
    "report": read_report,
    "cue": read_cue,
    "letters": read_letters,
    "moved": read_moved,
    "compared": read_compared,
    "hops": read_hops,
    "token-recall": read_token_recall,
    "agreement": read_agreement,
    "pronouns": read_pronouns,
}
