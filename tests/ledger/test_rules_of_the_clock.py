"""Rules 10, 11, 12: locks, reviews, send-backs, extensions, close-outs, pauses."""

from __future__ import annotations

from sqlalchemy import select

from ledger.deadlines import Deadline
from ledger.extensions import Extension
from ledger.obligations import Obligation
from ledger.problems import Problem
from tests.ledger.play import firsts, played

ONCE = "  - {{id: r, what: 总结, who: [一中], due: {due}}}\n"
WEEKLY = "  - {id: w, what: 周报, who: [一中], from: 2017-03, until: campaign_end, cycle: weekly}\n"


def acts(*lines):
    return "acts:\n" + "".join(f"  - {line}\n" for line in lines)


def hand_in(at, item="r"):
    return f"{{at: {at}, do: hand_in, item: {item}, unit: 第一中学}}"


def send_back(at, item="r"):
    return f"{{at: {at}, do: send_back, item: {item}, unit: 第一中学, text: 缺数据}}"


def row(play, table=Obligation):
    with play.database.reading() as session:
        return session.scalars(select(table)).first()


def local(play, moment):
    return moment.astimezone(play.player.calendar.tz).strftime("%m-%d %H:%M")


def test_a_one_off_locks_20_working_days_after_due_at_midnight_and_nothing_climbs_after():
    # 05-27 is a worked Saturday and the twentieth
    play = played(ONCE.format(due="2017-04-28"), "2017-08-01")
    assert [event.at.isoformat()[:16] for event in play.of("locked")] == ["2017-05-28T00:00"]
    assert play.days("rung")[-1] < "05-27"


def test_a_week_locks_when_the_next_owed_week_is_due():
    play = played(WEEKLY, "2017-10-20", launched="2017-09-18")
    locked = [(e.items[0].period, e.at.isoformat()[:10]) for e in play.of("locked")]
    # W39 waits for W41: W40 owes nothing; 24:00 of a day is 00:00 of the next
    assert locked == [("2017-W38", "2017-10-02"), ("2017-W39", "2017-10-16")]


def test_a_last_period_without_a_next_locks_20_working_days_after_due():
    items = "  - {id: m, what: 月报, who: [一中], from: 2017-04, until: 2017-05, cycle: monthly}\n"
    play = played(items, "2017-08-01")
    locked = [(e.items[0].period, e.at.isoformat()[:10]) for e in play.of("locked")]
    assert locked == [("2017-04", "2017-06-01"), ("2017-05", "2017-06-29")]


def test_a_hand_in_until_24_00_is_on_time_and_one_after_the_lock_is_refused():
    play = played(
        ONCE.format(due="2017-04-28"), "2017-05-30", behave=acts(hand_in("2017-04-28 23:59:59"))
    )
    got = row(play)
    assert got.first_received_at.astimezone(play.player.calendar.tz).date() == got.due
    play = played(
        ONCE.format(due="2017-04-28"), "2017-05-30", behave=acts(hand_in("2017-05-28 00:00:00"))
    )
    assert "已经锁定" in play.of("refused")[0].why
    assert row(play).first_received_at is None


def test_while_it_waits_for_review_nothing_climbs_or_locks_and_the_office_is_reminded():
    play = played(
        ONCE.format(due="2017-04-28"), "2017-07-01", behave=acts(hand_in("2017-04-24 15:00"))
    )
    assert play.rungs("总结") == []
    assert play.of("locked") == []
    told = [e.at.strftime("%m-%d") for e in play.of("message", to="办一") if "待审核满" in e.why]
    assert told == ["05-02"]  # 25, 26, 27, 28, then 05-02


def test_a_send_back_sets_3_working_days_raises_the_epoch_and_keeps_the_first_receipt():
    play = played(
        ONCE.format(due="2017-04-28"),
        "2017-05-31",
        behave=acts(hand_in("2017-04-27 15:00"), send_back("2017-05-03 10:00")),
    )
    got = row(play)
    assert got.correction_due.isoformat() == "2017-05-08"
    assert local(play, got.first_received_at) == "04-27 15:00"
    assert got.due.isoformat() == "2017-04-28"
    assert row(play, Deadline).epoch == 1
    assert firsts(play.rungs("总结")) == [("04-25", 0), ("05-04", 0), ("05-09", 1), ("05-15", 2)]


def test_a_correction_handed_in_stops_the_clock_again():
    play = played(
        ONCE.format(due="2017-04-28"),
        "2017-06-30",
        behave=acts(
            hand_in("2017-04-24 15:00"),
            send_back("2017-04-26 10:00"),
            hand_in("2017-04-28 11:00"),
            "{at: 2017-05-03 10:00, do: accept, item: r, unit: 第一中学}",
        ),
    )
    assert firsts(play.rungs("总结")) == [("04-27", 0)]
    assert row(play).state == "已收"
    assert local(play, row(play).first_received_at) == "04-24 15:00"


def test_a_correction_due_holds_the_lock():
    play = played(
        ONCE.format(due="2017-04-10"),
        "2017-06-30",
        behave=acts(hand_in("2017-05-05 15:00"), send_back("2017-05-09 10:00")),
    )
    # 04-10 + 20 working days is 05-09; the correction is due 05-12
    assert [event.at.isoformat()[:10] for event in play.of("locked")] == ["2017-05-13"]


def test_an_extension_moves_due_keeps_the_old_date_and_fires_afresh():
    play = played(
        ONCE.format(due="2017-04-28"),
        "2017-06-30",
        behave=acts(
            "{at: 2017-04-25 10:00, do: ask_extension, item: r, unit: 第一中学, due: 2017-05-12}",
            "{at: 2017-04-26 10:00, do: decide_extension, item: r, unit: 第一中学}",
        ),
    )
    got, asked = row(play), row(play, Extension)
    assert (got.scheduled_due.isoformat(), got.due.isoformat()) == ("2017-04-28", "2017-05-12")
    assert (asked.nth, asked.old_due.isoformat()) == (1, "2017-04-28")
    assert firsts(play.rungs("总结")) == [("04-25", 0), ("05-09", 0), ("05-15", 1), ("05-19", 2)]
    told = [e.to.name for e in play.of("message") if "延期同意" in e.why]
    assert set(told) == {"联一"}


def test_an_undecided_request_does_not_stop_the_clock_and_lapses_at_24_00():
    ask = "{at: 2017-04-27 10:00, do: ask_extension, item: r, unit: 第一中学, due: 2017-05-12}"
    late = "{at: 2017-04-29 00:00:00, do: decide_extension, item: r, unit: 第一中学}"
    play = played(ONCE.format(due="2017-04-28"), "2017-05-20", behave=acts(ask, late))
    assert firsts(play.rungs("总结")) == [("04-25", 0), ("05-02", 1), ("05-08", 2)]
    assert "已逾期失效" in play.of("refused")[0].why
    assert row(play, Extension).outcome == "逾期失效"
    assert play.of("extension")[-1].at.isoformat()[:16] == "2017-04-29T00:00"


def test_more_time_is_asked_before_due_or_not_at_all():
    play = played(
        ONCE.format(due="2017-04-28"),
        "2017-05-20",
        behave=acts(
            "{at: 2017-04-29 00:00:00, do: ask_extension, item: r, unit: 第一中学, due: 2017-05-12}"
        ),
    )
    assert "要在期限之前申请" in play.of("refused")[0].why


PROBLEM = (
    "{at: 2017-04-17 10:00, do: register, problem: p, unit: 第一中学, title: 食堂}",
    "{at: 2017-04-17 10:05, do: assign, problem: p, due: 2017-04-28}",
)
ASK_CLOSE = "{at: 2017-04-24 10:00, do: request_close, problem: p}"


def test_a_close_out_returned_moves_due_by_the_working_days_it_stood():
    play = played(
        ONCE.format(due="2017-12-29"),
        "2017-05-20",
        behave=acts(
            *PROBLEM,
            ASK_CLOSE,
            "{at: 2017-05-03 10:00, do: verify, problem: p, ok: false, by: 督一, text: 没整改到位}",
        ),
    )
    # 25, 26, 27, 28, 05-02, 05-03: six working days
    assert row(play, Problem).due.isoformat() == "2017-05-09"
    assert firsts(play.rungs("食堂")) == [("05-04", 0), ("05-10", 1), ("05-12", 2), ("05-18", 3)]


def test_nobody_strikes_off_their_own_problem():
    play = played(
        ONCE.format(due="2017-12-29"),
        "2017-04-30",
        behave=acts(
            *PROBLEM,
            ASK_CLOSE,
            "{at: 2017-04-25 10:00, do: verify, problem: p, by: 联一}",
            "{at: 2017-04-25 11:00, do: verify, problem: p, by: 督一}",
        ),
    )
    assert "不能自己核验" in play.of("refused")[0].why
    assert row(play, Problem).state == "已销号"
    assert play.days("closed") == ["04-25"]


def test_a_second_look_reopens_and_starts_a_rung_higher_and_who_was_told_hears():
    play = played(
        ONCE.format(due="2017-12-29"),
        "2017-06-30",
        behave=acts(
            *PROBLEM,
            "{at: 2017-05-03 10:00, do: request_close, problem: p}",
            "{at: 2017-05-04 10:00, do: verify, problem: p, by: 督一}",
            "{at: 2017-06-05 10:00, do: reopen, problem: p, due: 2017-06-20, by: 督一, text: 反弹}",
        ),
    )
    assert firsts(play.rungs("食堂")) == [
        ("04-25", 0),
        ("05-02", 1),
        ("06-06", 0),
        ("06-06", 1),
        ("06-23", 2),
        ("06-29", 3),
    ]
    heard = [e.to.name for e in play.of("message") if "回头看重开" in e.why]
    assert set(heard) == {"联一", "主一"}
    heard = [e.to.name for e in play.of("message") if "已销号" in e.why]
    assert set(heard) == {"联一", "主一"}


def test_a_pause_moves_every_due_date_by_the_working_days_it_lasted():
    play = played(
        ONCE.format(due="2017-04-28"),
        "2017-06-30",
        behave=acts(
            "{at: 2017-04-19 10:00, do: pause, text: 全市考试}",
            "{at: 2017-05-03 10:00, do: resume}",
        ),
    )
    # 20, 21, 24, 25, 26, 27, 28, 05-02, 05-03: nine working days after 04-28
    assert row(play).due.isoformat() == "2017-05-12"
    assert firsts(play.rungs("总结")) == [("05-09", 0), ("05-15", 1), ("05-19", 2)]
    assert play.of("weekly_list", to="联一")[0].at.strftime("%m-%d") == "05-08"


def test_quota_first_receipt_is_the_moment_it_was_reached():
    items = "  - {id: r, what: 走访, who: [一中], due: 2017-04-28, quota: 2}\n"
    play = played(
        items, "2017-05-30", behave=acts(hand_in("2017-04-20 10:00"), hand_in("2017-05-03 10:00"))
    )
    assert local(play, row(play).first_received_at) == "05-03 10:00"
    assert firsts(play.rungs("走访")) == [("04-25", 0), ("05-02", 1)]


def test_closing_the_campaign_ends_open_windows_and_nothing_goes_out_after():
    items = "  - {id: b, what: 专栏, who: [一中], from: 2017-04, until: campaign_end}\n" + WEEKLY
    play = played(items, "2017-06-30", behave=acts("{at: 2017-05-10 10:00, do: close_campaign}"))
    locked = {(e.items[0].what, e.items[0].due) for e in play.of("locked")}
    assert ("专栏", "2017-05-10") in locked
    assert max(play.days("rung", "weekly_list", "obligation_opened")) <= "05-10"
