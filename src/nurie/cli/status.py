"""Exit statuses."""

DONE = 0
SOME_FAILED = 1
WRONG = 2
"""Wrong usage, or input that can't be read."""
INTERRUPTED = 130
