"""Rules 2, 8, 9, 14: offsets in working days, both ladders, suppression, waiting, outages."""

from __future__ import annotations

from tests.ledger.play import firsts, played

ONCE = "  - {{id: r, what: 总结, who: [一中], due: {due}}}\n"


def problem(due, *more, registered="2017-04-17 10:00", rung=0):
    return "\n".join(
        [
            "acts:",
            f"  - {{at: {registered}, do: register, problem: p, unit: 第一中学, title: 食堂}}",
            f"  - {{at: {registered}, do: assign, problem: p, due: {due}, start_rung: {rung}}}",
            *(f"  - {act}" for act in more),
        ]
    )


def test_the_submission_ladder_climbs_at_minus_3_plus_1_and_plus_5_working_days():
    play = played(ONCE.format(due="2017-04-30"), "2017-06-30")
    assert play.rungs("总结") == [
        ("04-26", 0, 0, "联一"),  # 04-29 to 05-01 are holidays
        ("05-02", 1, 0, "联一"),
        ("05-02", 1, 0, "主一"),
        ("05-08", 2, 0, "领甲"),
    ]


def test_the_rectification_ladder_reaches_the_leading_group_and_repeats_every_5():
    play = played(ONCE.format(due="2017-12-29"), "2017-06-13", behave=problem("2017-05-05"))
    assert play.rungs("食堂") == [
        ("05-02", 0, 0, "联一"),
        ("05-08", 1, 0, "联一"),
        ("05-08", 1, 0, "主一"),
        ("05-10", 2, 0, "领甲"),
        ("05-10", 2, 0, "督一"),
        ("05-16", 3, 0, "组长"),
        ("05-23", 3, 1, "组长"),
        ("05-31", 3, 2, "组长"),  # 05-27 is worked, 05-28 to 30 are off
        ("06-07", 3, 3, "组长"),
    ]


def test_make_up_days_count_and_golden_week_does_not():
    play = played(ONCE.format(due="2017-09-29"), "2017-10-20", launched="2017-09-01")
    assert firsts(play.rungs("总结")) == [
        ("09-26", 0),
        ("09-30", 1),  # a Saturday that is worked
        ("10-12", 2),
    ]


def test_a_rung_dated_before_the_row_is_suppressed_and_the_next_waits_until_it_is_3_days_old():
    play = played(ONCE.format(due="2017-04-10"), "2017-05-31")
    assert play.rungs("总结", "suppressed") == [("04-14", 0, 0, ""), ("04-14", 1, 0, "")]
    # +5 is 04-17, when the row of 04-14 is one working day old; on 04-19 it is three
    assert play.rungs("总结") == [
        ("04-19", 2, 0, "联一"),
        ("04-19", 2, 0, "主一"),
        ("04-19", 2, 0, "领甲"),
    ]


def test_rung_0_does_not_wait_and_is_fired_on_the_very_day_the_row_was_written():
    play = played(ONCE.format(due="2017-04-19"), "2017-04-21")
    assert firsts(play.rungs("总结")) == [("04-14", 0), ("04-20", 1)]


def test_a_grave_case_fires_all_its_rungs_in_its_first_round_and_keeps_the_other_offsets():
    play = played(ONCE.format(due="2017-12-29"), "2017-05-16", behave=problem("2017-05-05", rung=2))
    assert play.rungs("食堂") == [
        ("04-18", 0, 0, "联一"),
        ("04-18", 1, 0, "联一"),
        ("04-18", 1, 0, "主一"),
        ("04-18", 2, 0, "领甲"),
        ("04-18", 2, 0, "督一"),
        ("05-16", 3, 0, "组长"),
    ]


def test_after_an_outage_the_highest_rung_is_sent_and_the_people_of_the_missed_ones_hear_too():
    down = "down: [{from: 2017-05-02, until: 2017-05-11}]"
    play = played(
        ONCE.format(due="2017-12-29"), "2017-05-12", behave=f"{down}\n{problem('2017-05-05')}"
    )
    assert play.rungs("食堂", "superseded") == [("05-12", 0, 0, ""), ("05-12", 1, 0, "")]
    assert play.rungs("食堂") == [
        ("05-12", 2, 0, "联一"),
        ("05-12", 2, 0, "主一"),
        ("05-12", 2, 0, "领甲"),
        ("05-12", 2, 0, "督一"),
    ]
    messages = [event.to.name for event in play.of("message") if event.at.day == 12]
    assert len(messages) == len(set(messages))


def test_missed_repeats_become_one():
    down = "down: [{from: 2017-05-17, until: 2017-06-01}]"
    play = played(
        ONCE.format(due="2017-12-29"), "2017-06-02", behave=f"{down}\n{problem('2017-05-05')}"
    )
    assert play.rungs("食堂")[-2:] == [("05-16", 3, 0, "组长"), ("06-02", 3, 2, "组长")]
    assert play.rungs("食堂", "superseded") == [("06-02", 3, 1, "")]


def test_where_a_post_owes_its_holder_and_deputy_hear_first_and_the_office_after():
    play = played("  - {id: r, what: 心得, who: [局领导], due: 2017-04-28}\n", "2017-05-31")
    assert [row for row in play.rungs("心得") if row[3] not in ("领乙",)] == [
        ("04-25", 0, 0, "领甲"),
        ("04-25", 0, 0, "代乙"),
        ("05-02", 1, 0, "领甲"),
        ("05-02", 1, 0, "代乙"),
        ("05-08", 2, 0, "办一"),
        ("05-08", 2, 0, "代乙"),
        ("05-08", 2, 0, "办一"),
        ("05-08", 2, 0, "代乙"),
    ]


def test_where_the_bureau_itself_owes_its_contact_head_and_leader_hear():
    play = played("  - {id: r, what: 考核, who: [活动办], due: 2017-04-28}\n", "2017-05-31")
    assert [(rung, who) for _, rung, _, who in play.rungs("考核")] == [
        (0, "联办"),
        (1, "联办"),
        (1, "主办"),
        (2, "领甲"),
    ]


def test_an_office_nobody_holds_is_never_silent():
    play = played(ONCE.format(due="2017-04-28"), "2017-04-24")
    with play.database.writing() as session:
        from sqlalchemy import text

        session.execute(text("UPDATE post SET valid_until = '2017-04-20' WHERE unit_id = 1"))
    play.run("2017-05-02")
    assert play.rungs("总结") == [
        ("04-25", 0, 0, "办一"),
        ("04-25", 0, 0, "代乙"),
        ("05-02", 1, 0, "办一"),
        ("05-02", 1, 0, "代乙"),
    ]
    assert "没有在任的" in play.of("rung")[0].why


def test_the_office_gets_the_list_of_the_missing_in_the_first_round_of_a_month():
    play = played(ONCE.format(due="2017-04-20"), "2017-07-10")
    listed = [
        event.at.date().isoformat()
        for event in play.of("message", what="总结", to="办一")
        if "每月未报名单" in event.why
    ]
    assert listed == ["2017-05-02", "2017-06-01"]


def test_a_plan_edited_later_never_changes_a_running_case():
    ladder = "ladders:\n  submission: [{at: 2, to: [主要负责人]}]\n"
    play = played(ONCE.format(due="2017-04-20"), "2017-04-25", rest=ladder)
    assert play.rungs("总结") == [("04-24", 0, 0, "主一")]


def test_a_case_that_starts_at_the_top_repeats_there_by_its_offsets():
    play = played(ONCE.format(due="2017-12-29"), "2017-06-01", behave=problem("2017-05-05", rung=3))
    assert [row for row in play.rungs("食堂") if row[1] == 3] == [
        ("04-18", 3, 0, "组长"),
        ("05-23", 3, 1, "组长"),
        ("05-31", 3, 2, "组长"),
    ]
