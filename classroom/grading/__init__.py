"""Grading: submissions are read, what an exercise needs of each is run in a sandbox, and its values are judged here."""
