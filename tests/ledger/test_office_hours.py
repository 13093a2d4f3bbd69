"""Where a day begins and ends, and when messages may leave: office hours of working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ledger.workdays import WorkCalendar

pytestmark = pytest.mark.no_ledger

CALENDAR = WorkCalendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_a_moment_belongs_to_the_local_day() -> None:
    assert CALENDAR.local_day(datetime(2017, 4, 27, 15, 59, 59, tzinfo=UTC)) == on("2017-04-27")
    assert CALENDAR.local_day(datetime(2017, 4, 27, 16, 0, tzinfo=UTC)) == on("2017-04-28")


def test_a_day_runs_from_midnight_to_midnight_here() -> None:
    assert CALENDAR.start_of(on("2017-04-28")) == datetime(2017, 4, 27, 16, 0, tzinfo=UTC)
    assert CALENDAR.end_of(on("2017-04-28")) == datetime(2017, 4, 28, 16, 0, tzinfo=UTC)
    assert CALENDAR.end_of(on("2017-12-31")) == CALENDAR.start_of(on("2018-01-01"))


def test_the_daily_moment_is_nine_o_clock_unless_set() -> None:
    day = on("2017-04-28")

    assert CALENDAR.daily_moment(day) == at("2017-04-28T09:00")
    assert WorkCalendar(daily_at=time(8, 45)).daily_moment(day) == at("2017-04-28T08:45")


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2017-04-28T08:29:59", "2017-04-28T08:30"),
        ("2017-04-28T08:30", "2017-04-28T08:30"),
        ("2017-04-28T17:59:59", "2017-04-28T17:59:59"),
        ("2017-04-28T18:00", "2017-05-02T08:30"),
        ("2017-04-28T00:00", "2017-04-28T08:30"),
        ("2017-04-22T10:00", "2017-04-24T08:30"),  # a Saturday
        ("2017-04-22T05:00", "2017-04-24T08:30"),
        ("2017-09-30T10:00", "2017-09-30T10:00"),  # a make-up Saturday
        ("2017-09-30T07:00", "2017-09-30T08:30"),
        ("2017-09-30T18:00", "2017-10-09T08:30"),
    ],
)
def test_what_is_ready_outside_office_hours_leaves_at_the_next_opening(
    moment: str, leaves: str
) -> None:
    assert CALENDAR.leaves_at(at(moment)) == at(leaves)


def test_office_hours_are_those_here_wherever_the_moment_was_written() -> None:
    assert CALENDAR.leaves_at(datetime(2017, 4, 28, 0, 29, tzinfo=UTC)) == at("2017-04-28T08:30")
    inside = datetime(2017, 4, 28, 1, 0, tzinfo=UTC)

    assert CALENDAR.leaves_at(inside) == inside


def test_office_hours_can_be_set() -> None:
    calendar = WorkCalendar(opens=time(9), closes=time(17))

    assert calendar.leaves_at(at("2017-04-27T08:59")) == at("2017-04-27T09:00")
    assert calendar.leaves_at(at("2017-04-27T17:00")) == at("2017-04-28T09:00")


def test_office_hours_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValueError, match="开始早于结束"):
        WorkCalendar(opens=time(18), closes=time(8, 30))


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = at("2017-04-28T10:00").replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.leaves_at(naive)
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.local_day(naive)
