"""State machines: one table of allowed moves each, and the one function that moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from ledger.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)


def move(subject: str, current: S, target: S, allowed: Mapping[S, frozenset[S]]) -> S:
    """Return `target`, or raise IllegalMove when the table has no such move."""
    if target not in allowed[current]:
        raise IllegalMove(subject, current.value, target.value)
    return target
