"""Every table of the ledger, for whoever needs the whole metadata."""

from __future__ import annotations

from ledger import (
    audit,
    campaigns,
    deadlines,
    extensions,
    messages,
    obligations,
    problems,
    submissions,
    units,
)
from ledger.base import Base

metadata = Base.metadata

__all__ = [
    "audit",
    "campaigns",
    "deadlines",
    "extensions",
    "messages",
    "metadata",
    "obligations",
    "problems",
    "submissions",
    "units",
]
