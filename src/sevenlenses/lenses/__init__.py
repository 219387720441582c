"""One lens per folder. A new lens is one folder and one line here."""

from . import access, capacity, credit, gradient, kata, locality, questions, reading, scaling, structure, synthesis

LENSES = {  # in the book's order
    "reading": reading.LENS,
    "kata": kata.LENS,
    "gradient": gradient.LENS,
    "capacity": capacity.LENS,
    "locality": locality.LENS,
    "credit": credit.LENS,
    "structure": structure.LENS,
    "access": access.LENS,
    "scaling": scaling.LENS,
    "synthesis": synthesis.LENS,
    "questions": questions.LENS,
}

EXPERIMENTS = {experiment.name: experiment for lens in LENSES.values() for experiment in lens.experiments.values()}

CHECKS = {name: check for lens in LENSES.values() for name, check in lens.checks.items()}
