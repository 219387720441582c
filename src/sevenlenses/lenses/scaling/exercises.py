"""The answers to the chapter's exercises."""

EXERCISES = ()
