"""What a check of `duban doctor` is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended."""

    WELL = "好"
    WARNING = "留意"
    MISSING = "缺"


@dataclass(frozen=True)
class Check:
    """One thing looked at, what was found, and what to do."""

    verdict: Verdict
    what: str
    found: str
    advice: str = ""
