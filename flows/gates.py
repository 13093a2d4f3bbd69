"""The keys of a campaign's gates: move-3, and move-3-2 when the first attempt brought no decision.

n is the number of moves carried out when the run began to wait.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count, takewhile

KEY = re.compile(r"move-(?P<moves>\d+)(-\d+)?")


def attempt_key(moves: int, attempt: int) -> str:
    """The key of an attempt, counted from 1: lowercase letters, digits and dashes only."""
    return f"move-{moves}" if attempt == 1 else f"move-{moves}-{attempt}"


def keys_of(moves: int, fired: Collection[str]) -> list[str]:
    """The keys among `fired` that waited for the move after `moves`, in the order of attempts."""
    keys = (attempt_key(moves, attempt) for attempt in count(1))
    return list(takewhile(lambda key: key in fired, keys))


def moves_of(key: str | None) -> int | None:
    """n of a gate's key; None when it is no gate of ours."""
    found = KEY.fullmatch(key or "")
    return int(found["moves"]) if found else None


def source_of(flow_run_id: str | None, key: str) -> str:
    """Where a decision from Prefect's page comes from: one gate gives one decision row."""
    return f"prefect:{flow_run_id}:{key}"
