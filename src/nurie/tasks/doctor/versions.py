"""Versions as numbers that can be compared."""

import re
from collections.abc import Iterable


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: "450.80.02" is (450, 80, 2)."""
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def major(version: str | None) -> int:
    """The first number, 0 where there is none."""
    return next(iter(numbers(version or "")), 0)


def dotted(numbers: Iterable[int]) -> str:
    return ".".join(map(str, numbers))
