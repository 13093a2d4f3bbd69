"""Deduplication keys, built only here, from ids and ISO dates; in Python and in SQL alike."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal


def iso_week(day: date) -> str:
    """The ISO week of a day, as 2017-W16."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def key(*parts: object) -> str:
    """Parts joined by colons."""
    return ":".join(str(part) for part in parts)


def sql_key(*parts: object) -> ColumnElement[str]:
    """The SQL twin of `key`: columns and plain values joined by colons."""
    joined: ColumnElement[str] = literal("")
    for number, part in enumerate(parts):
        if number:
            joined = joined + literal(":")
        joined = joined + _text(part)
    return joined


def _text(part: Any) -> ColumnElement[str]:
    return literal(part) if isinstance(part, str) else cast(part, String)
