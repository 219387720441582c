"""What is tried on the exercises of the chapter on access; see `tried`."""

from math import exp

from tried import Tried


def read(query, keys, values):
    scores = (keys @ query.unsqueeze(-1)).squeeze(-1) / query.shape[-1] ** 0.5  # (B, t)
    return (scores.softmax(-1).unsqueeze(1) @ values).squeeze(1)  # (B, D)


def unscaled_read(query, keys, values):
    return read(query * query.shape[-1] ** 0.5, keys, values)


def read_that_clears(query, keys, values):
    found = read(query, keys, values)
    values.zero_()
    return found


def wrong_read_that_clears(query, keys, values):
    found = values.mean(1)
    keys.zero_()
    return found


READ = {0.5: 27, 0.9: 6, 0.8: 9, 0.75: 11, 0.7: 12, 0.65: 15, 0.6: 18, 0.55: 22, 0.45: 39}

TRIED = {
    "diluted-weight": Tried(
        near=(lambda pairs, score, reads: exp(score) / (exp(score) + pairs), 0.5),
        wrong=[
            (lambda pairs, score, reads: score / (score + pairs - 1 + reads), "A softmax weight is e^score over"),
            (lambda pairs, score, reads: 1 / (pairs + reads), "How many entries are there, with which scores?"),
            (lambda pairs, score, reads: 1.0, "A softmax weight is e^score over"),
        ],
    ),
    "read-only": Tried(
        near=(read_that_clears, 0.5),
        wrong=[
            (unscaled_read, "Divide the scores by the root of the width, then softmax, then average."),
            (lambda query, keys, values: values.mean(1), "It is off by up to"),
            (wrong_read_that_clears, "Your read has changed the store. Make new tensors in place of"),
            (lambda query, keys, values: values, "should return what was read, a tensor of shape (3, 8)"),
        ],
    ),
    "half-way-read": Tried(
        near=(lambda level: READ[level] + 2, 0.5),
        wrong=[
            (lambda level: READ[level] + 5, "Average over the seeds first; then find the first read whose accuracy"),
            (lambda level: 128, "Reads count from 1."),
            (lambda level: level, "Average over the seeds first"),
        ],
    ),
}
