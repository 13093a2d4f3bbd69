"""Every table of the ledger, for whoever needs the whole metadata."""

from __future__ import annotations

from ledger import (
    absences,
    addresses,
    announcements,
    audit,
    campaigns,
    date_moves,
    deadlines,
    extensions,
    holidays,
    messages,
    obligations,
    problems,
    signatures,
    submissions,
    tallies,
    units,
)
from ledger.base import Base

metadata = Base.metadata

__all__ = [
    "absences",
    "addresses",
    "announcements",
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
    "signatures",
    "submissions",
    "tallies",
    "units",
]
