"""Rules 1, 3, 4, 13: due dates, periods, undated rows, what has passed at launch."""

from __future__ import annotations

from tests.ledger.play import played


def dues(play, what="周报"):
    return [
        (event.at.date().isoformat(), event.items[0].period, event.items[0].due)
        for event in play.of("obligation_opened", what=what)
        if event.items[0].unit == "第一中学"
    ]


WEEKLY = "  - {id: w, what: 周报, who: [学校], from: 2017-03, until: campaign_end, cycle: weekly}\n"


def test_a_week_opens_on_its_monday_is_due_on_its_sunday_and_needs_three_working_days():
    play = played(WEEKLY, "2017-05-08", launched="2017-03-27")
    assert dues(play) == [
        ("2017-03-27", "2017-W13", "2017-04-02"),
        ("2017-04-03", "2017-W14", "2017-04-09"),  # Qingming: 04-05, 06, 07 are three
        ("2017-04-10", "2017-W15", "2017-04-16"),
        ("2017-04-17", "2017-W16", "2017-04-23"),
        ("2017-04-24", "2017-W17", "2017-04-30"),
        ("2017-05-01", "2017-W18", "2017-05-07"),
        ("2017-05-08", "2017-W19", "2017-05-14"),
    ]


def test_golden_week_owes_nothing_and_the_week_before_has_six_working_days():
    play = played(WEEKLY, "2017-10-10", launched="2017-09-25")
    assert [period for _, period, _ in dues(play)] == ["2017-W39", "2017-W41"]


def test_the_week_of_the_launch_is_owed_whole_and_one_that_ended_before_is_not():
    play = played(WEEKLY, "2017-04-16", launched="2017-04-14")
    assert dues(play) == [("2017-04-14", "2017-W15", "2017-04-16")]


def test_months_and_quarters_are_clipped_to_the_window_and_open_on_rest_days_too():
    items = (
        "  - {id: m, what: 月报, who: [学校], from: 2017-04-10, until: 2017-06-20,"
        " cycle: monthly}\n"
        "  - {id: q, what: 季报, who: [学校], from: 2017-05, until: 2017-12, cycle: quarterly}\n"
    )
    play = played(items, "2018-01-10")
    assert dues(play, "月报") == [
        ("2017-04-14", "2017-04", "2017-04-30"),
        ("2017-05-01", "2017-05", "2017-05-31"),  # a holiday
        ("2017-06-01", "2017-06", "2017-06-20"),
    ]
    assert dues(play, "季报") == [
        ("2017-05-01", "2017-Q2", "2017-06-30"),
        ("2017-07-01", "2017-Q3", "2017-09-30"),  # a Saturday
        ("2017-10-01", "2017-Q4", "2017-12-31"),
    ]


def test_a_period_crosses_the_year_by_its_iso_week():
    play = played(WEEKLY, "2018-01-02", launched="2017-12-25")
    assert dues(play) == [
        ("2017-12-25", "2017-W52", "2017-12-31"),
        ("2018-01-01", "2018-W01", "2018-01-07"),
    ]


def test_a_one_off_is_due_on_its_windows_last_day_and_undated_when_it_has_none():
    items = (
        "  - {id: a, what: 讨论, who: [学校], from: 2017-05, until: 2017-06}\n"
        "  - {id: b, what: 专栏, who: [学校], from: 2017-05-06, until: campaign_end}\n"
        "  - {id: c, what: 方案, who: [学校]}\n"
    )
    play = played(items, "2017-07-20")
    assert dues(play, "讨论") == [("2017-05-01", "once", "2017-06-30")]
    assert dues(play, "专栏") == [("2017-05-06", "once", None)]
    assert dues(play, "方案") == [("2017-04-14", "once", None)]
    assert not play.rungs("专栏")
    listed = [item.what for event in play.of("weekly_list", to="办一") for item in event.items]
    assert "方案（2 家未定期限）" in listed


def test_a_date_of_the_notice_stays_on_its_rest_day_unless_the_plan_rolls_it():
    items = (
        "  - {id: a, what: 甲, who: [一中], due: 2017-04-30}\n"
        "  - {id: b, what: 乙, who: [一中], due: 2017-04-30, roll: next}\n"
        "  - {id: c, what: 丙, who: [一中], due: 2017-04-30, roll: previous}\n"
    )
    play = played(items, "2017-04-15")
    assert [dues(play, what)[0][2] for what in "甲乙丙"] == [
        "2017-04-30",
        "2017-05-02",
        "2017-04-28",
    ]


def test_what_has_passed_at_launch_is_kept_moved_or_dropped_as_the_plan_answers():
    items = (
        "  - {id: a, what: 甲, who: [一中], due: 2017-04-10}\n"
        "  - {id: b, what: 乙, who: [一中], due: 2017-04-10, passed: {move: 2017-04-25}}\n"
        "  - {id: c, what: 丙, who: [一中], due: 2017-04-10, passed: drop}\n"
        "  - {id: d, what: 丁, who: [一中], due: 2017-04-19}\n"
        "  - {id: e, what: 戊, who: [一中], due: 2017-04-20}\n"
    )
    play = played(items, "2017-04-15")
    assert dues(play, "甲") == [("2017-04-14", "once", "2017-04-10")]
    assert dues(play, "乙") == [("2017-04-14", "once", "2017-04-25")]
    assert dues(play, "丙") == []
    asked = [event.why for event in play.of("fixed_date")]
    assert [why.split("；")[1][0] for why in asked] == ["甲", "乙", "丙", "丁"]  # 04-19 is +3


def test_a_month_that_ended_before_launch_owes_nothing():
    items = "  - {id: m, what: 月报, who: [学校], from: 2017-02, until: 2017-06, cycle: monthly}\n"
    assert [period for _, period, _ in dues(played(items, "2017-05-01"), "月报")] == [
        "2017-04",
        "2017-05",
    ]
