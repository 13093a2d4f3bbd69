from __future__ import annotations

import pytest

from ledger.titles import obligation_title, period_name, problem_title

pytestmark = pytest.mark.no_ledger


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("once", ""),
        ("2017-W06", "2017年第6周"),
        ("2017-04-T1", "2017年4月上旬"),
        ("2017-12-T3", "2017年12月下旬"),
        ("2017-04", "2017年4月"),
        ("2017-Q2", "2017年第2季度"),
        ("2017-H2", "2017年下半年"),
        ("2017", "2017年"),
        ("event-12", "第12次"),
    ],
)
def test_periods_are_named_as_people_say_them(period: str, name: str) -> None:
    assert period_name(period) == name


def test_titles_leave_out_the_period_of_a_one_off() -> None:
    assert obligation_title("一中", "稿件", "2017-W16") == "一中·稿件（2017年第16周）"
    assert obligation_title("一中", "总结", "once") == "一中·总结"
    assert problem_title(3, "一中", "台账不全") == "第3号 一中·台账不全"
