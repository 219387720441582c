"""What is tried on the exercises of the chapter on structure; see `tried`."""

from functools import lru_cache

from sevenlenses import records
from sevenlenses.lenses.structure.rules import COMPARED, RIVALS
from tried import Tried


@lru_cache
def share(model):
    return records.load(RIVALS, RIVALS.settings(pairs=8)).rules[:, COMPARED.index(model), 0].mean()


def first_in_first_out(tokens):
    queue, answers = [], []
    for token in tokens:
        if token < 4:
            queue.append(token)
        else:
            answers.append(queue.pop(0))
    return answers


def newest(tokens):
    """Never takes anything off the stack."""
    answers, last = [], None
    for token in tokens:
        if token < 4:
            last = token
        else:
            answers.append(last)
    return answers


TRIED = {
    "first-of-three": Tried(
        near=(lambda marked, values: 1.1 / marked, 0.5),
        wrong=[
            (lambda marked, values: 1 / values, "That is chance, of who sees nothing. A set reader sees which"),
            (lambda marked, values: 1 / (marked - 1), "How often did each of them come first?"),
            (lambda marked, values: 100 / marked, "A set reader knows the"),
        ],
    ),
    "closing-kinds": Tried(
        near=(newest, 0.5),
        wrong=[
            (first_in_first_out, "Which open bracket came last and is still open?"),
            (lambda tokens: [0 for token in tokens if token == 4], "closing bracket number"),
            (lambda tokens: [], "should return a list, one kind for each closing bracket: here"),
            (lambda tokens: [float("nan") for token in tokens if token == 4], "you say nan"),
        ],
    ),
    "price-of-places": Tried(
        near=(lambda model: share(model) - share("attention"), 0.5),
        wrong=[
            (lambda model: share("attention"), "Take the share by relation, the first of the three"),
            (lambda model: 0, "its mean over the seeds"),
            (lambda model: 100 * (share("attention") - share(model)), "then without places less with them."),
        ],
    ),
}
