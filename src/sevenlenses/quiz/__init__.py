"""The question bank: self-checks that answer without a kernel and without a script.

`bank/CHAPTER.toml` holds each chapter's questions; `ask("q01")` shows one of them.
"""

from .bank import BankError, Choice, Question, bank, read
from .card import Card, ask

__all__ = ["BankError", "Card", "Choice", "Question", "ask", "bank", "read"]
