"""Every table of the ledger, for whoever needs the whole metadata."""

from __future__ import annotations

from ledger import (
    audit,
    campaigns,
    date_moves,
    deadlines,
    extensions,
    holidays,
    messages,
    obligations,
    problems,
    submissions,
    tallies,
    units,
)
from ledger.base import Base

metadata = Base.metadata

__all__ = [
    "audit",
    "campaigns",
    "date_moves",
    "deadlines",
    "extensions",
    "holidays",
    "messages",
    "metadata",
    "obligations",
    "problems",
    "submissions",
    "tallies",
    "units",
]
