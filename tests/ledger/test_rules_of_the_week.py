"""Rules 5, 6, 7: office hours, one ordinary message a day, the weekly list."""

from __future__ import annotations

from tests.ledger.play import played

ONCE = "  - {{id: r, what: 总结, who: [一中], due: {due}}}\n"


def lists(play, to="联一"):
    return [
        (event.at.date().isoformat()[5:], [item.due for item in event.items])
        for event in play.of("weekly_list", to=to)
    ]


def test_the_list_holds_what_is_due_up_to_the_next_list_and_what_is_overdue():
    play = played(ONCE.format(due="2017-04-24"), "2017-05-12", launched="2017-04-10")
    assert lists(play) == [
        ("04-17", ["2017-04-24"]),
        ("04-24", ["2017-04-24"]),
        ("05-02", ["2017-04-24"]),  # Monday is a holiday; overdue, not yet locked
        ("05-08", ["2017-04-24"]),
    ]


def test_nothing_to_say_nothing_sent():
    play = played(ONCE.format(due="2017-05-02"), "2017-04-20", launched="2017-04-10")
    assert lists(play) == []


def test_before_golden_week_the_list_looks_ahead_to_the_monday_after_it():
    play = played(ONCE.format(due="2017-10-09"), "2017-10-13", launched="2017-09-18")
    assert lists(play) == [("09-25", ["2017-10-09"]), ("10-09", ["2017-10-09"])]


def test_a_week_may_begin_on_a_day_after_monday_and_end_on_a_worked_saturday():
    play = played(ONCE.format(due="2017-04-08"), "2017-04-07", launched="2017-03-27")
    assert lists(play) == [("04-05", ["2017-04-08"])]  # Qingming took Monday and Tuesday
    # 2017-01-22 is a worked Sunday of the week before; the list is Monday's all the same
    play = played(ONCE.format(due="2017-01-25"), "2017-01-24", launched="2017-01-09")
    assert lists(play) == [("01-23", ["2017-01-25"])]


def test_2006_10_08_a_sunday_is_the_first_working_day_of_its_week():
    play = played(ONCE.format(due="2006-10-10"), "2006-10-09", launched="2006-09-30")
    assert [day for day, _ in lists(play)] == ["10-08", "10-09"]


def test_a_missed_list_is_made_by_the_next_round_of_the_same_week():
    behave = "down: [2017-04-17, 2017-04-18]"
    play = played(ONCE.format(due="2017-04-24"), "2017-04-21", launched="2017-04-10", behave=behave)
    assert lists(play) == [("04-19", ["2017-04-24"])]


def test_a_week_that_is_over_is_skipped_with_that_reason():
    behave = "down: [{from: 2017-04-15, until: 2017-04-23}]"
    play = played(ONCE.format(due="2017-04-26"), "2017-04-25", launched="2017-04-10", behave=behave)
    assert lists(play) == [("04-24", ["2017-04-26"])]
    assert [event.why for event in play.of("weekly_skipped")] == ["2017-W16 本周已过"]


def test_a_list_begun_in_the_middle_of_a_week_does_not_come_again_that_week():
    items = ONCE.format(due="2017-04-18") + (
        "  - {id: s, what: 方案, who: [一中], from: 2017-04-19, due: 2017-04-21}\n"
    )
    play = played(items, "2017-04-21", launched="2017-04-10")
    assert lists(play) == [("04-17", ["2017-04-18"])]


def test_one_ordinary_message_per_person_and_working_day_in_office_hours():
    items = "".join(
        f"  - {{id: r{n}, what: 第{n}项, who: [各单位], due: 2017-05-{n + 1:02}}}\n"
        for n in range(1, 20)
    )
    play = played(items, "2017-06-30")
    sent = [event for event in play.of("message") if event.why.startswith("digest")]
    days = [(event.to.name, event.leaves_at.date()) for event in sent]
    assert len(days) == len(set(days)) > 50
    for event in play.of("message"):
        assert play.player.calendar.is_workday(event.leaves_at.date())
        assert "08:30" <= event.leaves_at.strftime("%H:%M") < "18:00"


def test_a_stage_moves_on_a_rest_day_and_its_message_leaves_at_the_next_opening():
    rest = "stages: [{id: a, name: 动员, from: 2017-04, until: 2017-04-30}]\n"
    play = played(ONCE.format(due="2017-06-30"), "2017-05-03", rest=rest)
    assert play.days("stage_opened", "stage_due", "stage_moved") == ["04-14", "04-30", "04-30"]
    moved = [event for event in play.of("message") if event.why.startswith("stage")]
    assert {event.at.strftime("%m-%d %H:%M") for event in moved} == {"04-30 18:00"}
    assert {event.leaves_at.strftime("%m-%d %H:%M") for event in moved} == {"05-02 08:30"}


def test_a_stage_nobody_moves_waits_and_the_office_is_told_in_the_next_round():
    rest = "stages: [{id: a, name: 动员, from: 2017-04, until: 2017-04-30}]\n"
    behave = "stages: by_act"
    play = played(ONCE.format(due="2017-06-30"), "2017-05-03", rest=rest, behave=behave)
    assert play.days("stage_waiting") == ["05-01"]
    told = [event for event in play.of("message", to="办一") if "待活动办决定" in event.why]
    assert [event.at.date().isoformat() for event in told] == ["2017-05-02"]


def test_stages_that_do_not_overlap_follow_each_other_and_later_ones_do_not_shift():
    rest = (
        "stages:\n"
        "  - {id: a, name: 动员, from: 2017-04, until: 2017-04-20}\n"
        "  - {id: b, name: 查摆, from: 2017-04-21, until: 2017-05-10}\n"
        "  - {id: c, name: 整改, from: 2017-05-08, until: 2017-05-20}\n"
    )
    acts = "stages: by_act\nacts: [{at: 2017-04-25 10:00, do: move_stage, stage: a, text: 晚了}]"
    play = played(ONCE.format(due="2017-06-30"), "2017-05-12", rest=rest, behave=acts)
    opened = [(e.at.strftime("%m-%d"), e.stage) for e in play.of("stage_opened")]
    # 查摆 overlaps 整改, so it opens on its date; 整改 likewise
    assert opened == [("04-14", "动员"), ("04-21", "查摆"), ("05-08", "整改")]
    assert play.days("stage_due")[0] == "04-20"
