from __future__ import annotations

import io
import sys
from datetime import date, datetime

import pytest

from config.clock import SHANGHAI
from desk.speech import Answer, Table, Voice
from desk.widths import pad, width, wrap
from ledger.workdays import WorkCalendar

ANSWER = Answer(
    {"due": date(2017, 4, 30), "at": datetime(2017, 4, 30, 9, tzinfo=SHANGHAI), "what": "总结"},
    ["一句话。", Table(("单位", "件数"), [("第一中学", 2), ("馆", None)], "表：")],
)


def test_programs_read_iso_dates_and_unescaped_chinese(
    capsys: pytest.CaptureFixture[str], calendar: WorkCalendar
) -> None:
    Voice(calendar).answer(ANSWER, as_json=True)
    assert capsys.readouterr().out == (
        '{"due": "2017-04-30", "at": "2017-04-30T09:00:00+08:00", "what": "总结"}\n'
    )


def test_in_a_file_columns_stand_straight_and_nothing_is_cut(
    capsys: pytest.CaptureFixture[str], calendar: WorkCalendar
) -> None:
    Voice(calendar).answer(ANSWER, as_json=False)
    assert capsys.readouterr().out == "一句话。\n\n表：\n单位      件数\n第一中学  2\n馆\n"


def test_on_a_terminal_it_is_drawn(monkeypatch: pytest.MonkeyPatch, calendar: WorkCalendar) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    Voice(calendar).answer(ANSWER, as_json=False)
    assert "─" in screen.getvalue()
    assert "第一中学" in screen.getvalue()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2017, 4, 30), "2017-04-30 周日"),
        (date(2099, 4, 30), "2099-04-30 周四暂定"),
        (datetime(2017, 4, 30, 16, tzinfo=SHANGHAI), "2017-04-30 16:00"),
        (None, ""),
        (True, "是"),
        (0, "0"),
    ],
)
def test_people_read_weekdays_and_what_is_provisional(
    calendar: WorkCalendar, value: object, said: str
) -> None:
    assert Voice(calendar).words(value) == said


def test_a_chinese_sign_takes_two_cells() -> None:
    assert (width("第1号"), pad("馆", 4), pad("第一中学", 4)) == (5, "馆  ", "第一中学")


def test_lines_break_between_signs_and_never_before_a_comma() -> None:
    assert wrap("一二三四，五六", 8) == ["一二三", "四，五六"]
    assert wrap("用 duban plan check 核对", 12) == ["用 duban", "plan check", "核对"]
    assert wrap("", 8) == [""]
