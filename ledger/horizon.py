"""How far dates may lie: what a slip of the pen puts beyond is refused before it is kept.

Whatever is counted from a date within, by as many working days as may be written, is still a date.
"""

from __future__ import annotations

from datetime import date

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)

MOST_WORKDAYS = 999
"""So many working days may lie between a date and what is counted from it: some four years."""

RIGHT = f"日期只能在 {FIRST_DAY} 到 {LAST_DAY} 之间"


def is_within(day: date) -> bool:
    """Whether the day may be a date of the ledger."""
    return FIRST_DAY <= day <= LAST_DAY
