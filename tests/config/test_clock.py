from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.clock import SHANGHAI, ClockError, now


def test_without_duban_now_the_wall_clock_is_told_in_shanghai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DUBAN_NOW", raising=False)
    moment = now()
    assert moment.tzinfo is SHANGHAI
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)  # noqa: TID251


def test_duban_now_fixes_the_clock_and_is_told_in_shanghai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_NOW", "2017-04-14T01:00:00+00:00")
    assert now().isoformat() == "2017-04-14T09:00:00+08:00"
    assert now() == now()


def test_an_empty_duban_now_fixes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_NOW", " ")
    assert now().year > 2020


def test_a_file_is_read_anew_at_each_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "now"
    monkeypatch.setenv("DUBAN_NOW", f"@{file}")
    file.write_text("2017-04-14T09:00:00+08:00\n", encoding="utf-8")
    assert now().day == 14
    file.write_text("2017-04-17T09:00:00+08:00\n", encoding="utf-8")
    assert now().day == 17


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("2017-04-14T09:00:00", "没有时区"),
        ("2017-04-14", "没有时区"),
        ("2017-02-30T09:00:00+08:00", "不是时刻"),
        ("明天", "不是时刻"),
        ("@/nowhere/now", "读不出来"),
    ],
)
def test_what_is_no_moment_is_refused_in_chinese(
    monkeypatch: pytest.MonkeyPatch, value: str, word: str
) -> None:
    monkeypatch.setenv("DUBAN_NOW", value)
    with pytest.raises(ClockError, match=word) as refusal:
        now()
    assert str(refusal.value).count("。") == 1


def test_a_naive_moment_in_the_file_is_refused_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "now"
    file.write_text("2017-04-14T09:00:00", encoding="utf-8")
    monkeypatch.setenv("DUBAN_NOW", f"@{file}")
    with pytest.raises(ClockError, match="没有时区"):
        now()
