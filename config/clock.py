"""The one clock. Only entry points ask it; everywhere else `now` is a parameter."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class ClockError(ValueError):
    """DUBAN_NOW cannot be read; str() is one Chinese sentence for the person who set it."""


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai.

    DUBAN_NOW fixes it: an ISO instant with a time zone, or `@FILE`, a file that holds one and is
    read anew at each call, so that several processes can be led through time together.
    """
    fixed = os.environ.get("DUBAN_NOW", "").strip()
    if not fixed:
        return datetime.now(SHANGHAI)
    if fixed.startswith("@"):
        fixed = _read(Path(fixed[1:]))
    return _parse(fixed)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ClockError(
            f"DUBAN_NOW 指向的文件 {path} 读不出来：请建好这个文件，并在其中写一个带时区的时刻。"
        ) from error


def _parse(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ClockError(
            f"DUBAN_NOW 的值“{text}”不是时刻：请写成 2017-04-14T09:00:00+08:00 这样。"
        ) from error
    if moment.tzinfo is None:
        raise ClockError(f"DUBAN_NOW 的值“{text}”没有时区：请在末尾写明，例如 {text}+08:00。")
    return moment.astimezone(SHANGHAI)
