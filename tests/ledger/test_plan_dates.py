"""Dates as notices write them."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic_core import PydanticCustomError

from ledger.plan_dates import (
    CAMPAIGN_END,
    STAGE_END,
    OpenedPlus,
    read_due,
    read_first,
    read_last,
    read_until,
)

pytestmark = pytest.mark.no_ledger


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017-04-28", date(2017, 4, 28), date(2017, 4, 28)),
        ("2017-4-8", date(2017, 4, 8), date(2017, 4, 8)),
        ("2017-04", date(2017, 4, 1), date(2017, 4, 30)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2017-04上旬", date(2017, 4, 1), date(2017, 4, 10)),
        ("2017-04中旬", date(2017, 4, 11), date(2017, 4, 20)),
        ("2017-04下旬", date(2017, 4, 21), date(2017, 4, 30)),
        ("2017-02下旬", date(2017, 2, 21), date(2017, 2, 28)),
        ("2017-06月底", date(2017, 6, 30), date(2017, 6, 30)),
        ("2011年底", date(2011, 12, 31), date(2011, 12, 31)),
        (2007, date(2007, 1, 1), date(2007, 12, 31)),
        ("2011七一前", date(2011, 6, 30), date(2011, 6, 30)),
        ("2012元旦前", date(2011, 12, 31), date(2011, 12, 31)),
        ("2011教师节前", date(2011, 9, 9), date(2011, 9, 9)),
        ("2011国庆前", date(2011, 9, 30), date(2011, 9, 30)),
        ("2016三八前", date(2016, 3, 7), date(2016, 3, 7)),
        ("2011植树节前", date(2011, 3, 11), date(2011, 3, 11)),
        ("2011五一前", date(2011, 4, 30), date(2011, 4, 30)),
        ("2011五四前", date(2011, 5, 3), date(2011, 5, 3)),
        ("2011六一前", date(2011, 5, 31), date(2011, 5, 31)),
        ("2011八一前", date(2011, 7, 31), date(2011, 7, 31)),
    ],
)
def test_a_written_date_begins_and_ends_on(text: object, first: date, last: date) -> None:
    assert read_first(text) == first
    assert read_last(text) == last


@pytest.mark.parametrize("text", ["2017-02-30", "2017-13", "2017-00-01", "2017-13上旬", "0000年底"])
def test_a_date_that_does_not_exist_is_refused_by_name(text: str) -> None:
    with pytest.raises(PydanticCustomError, match=f"“{text}”这个日期不存在"):
        read_last(text)


@pytest.mark.parametrize("text", ["四月底", "2017-04-28前", "2017/04/28", "下周", "{x}", ""])
def test_a_form_not_known_is_refused_and_the_known_ones_are_named(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="不是认得的日期；应当写成 2017-04-28"):
        read_last(text)


def test_a_festival_that_moves_each_year_needs_a_date_written_out() -> None:
    with pytest.raises(PydanticCustomError, match="“春节”不是日期固定的节日；应当写具体日期"):
        read_last("2017春节前")


def test_a_due_date_may_be_written_relative_to_something() -> None:
    assert read_due("stage_end") is STAGE_END
    assert read_due("campaign_end") is CAMPAIGN_END
    assert read_due("opened+5") == read_due("opened + 5") == OpenedPlus(5)
    assert read_due("2017-04") == date(2017, 4, 30)
    assert read_due(None) is None


def test_a_window_may_run_until_the_campaign_ends() -> None:
    assert read_until("campaign_end") is CAMPAIGN_END
    assert read_until("2017-04") == date(2017, 4, 30)


@pytest.mark.parametrize(
    "text", ["9999-12-31", "2100-01", "1999年底", 1999, "2000元旦前", "0001元旦前"]
)
def test_a_date_beyond_the_horizon_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError, match="超出范围；日期只能在 2000-01-01 到 2099-12-31"):
        read_last(text)


def test_a_due_date_lies_no_more_workdays_after_the_opening_than_can_be_counted() -> None:
    assert read_due("opened+999") == OpenedPlus(999)
    with pytest.raises(PydanticCustomError, match="应当不多于 999 个工作日"):
        read_due("opened+" + "9" * 5000)
