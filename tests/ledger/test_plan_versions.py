from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.amendment_report import Amendment
from ledger.audit import Actor
from ledger.campaigns import Campaign, CampaignState, Deliverable, Move, PlanVersion, Stage
from ledger.date_moves import DateMove
from ledger.errors import Refused
from ledger.intake import HandIn, exempt, hand_in
from ledger.messages import Item, ItemKind
from ledger.obligations import Obligation, ObligationState
from ledger.plan import PlanError, read_plan
from ledger.plan_moves import ask_extra, date_item
from ledger.plan_versions import amend
from ledger.recipients import office
from ledger.review import accept, send_back
from ledger.stages import carry_out, decide
from ledger.units import Unit
from tests.ledger.play import HEAD, Play, played

SCHEME = "  - {id: scheme, what: 方案, who: [各单位], due: 2017-05-10}\n"
SHELF = "  - {id: shelf, what: 专栏, who: [学校]}\n"
WEEK = "  - {id: week, what: 周报, who: [学校], from: 2017-04, until: 2017-06, cycle: weekly}\n"
EVENT = "  - {id: event, what: 回访, who: [一中], cycle: per_event}\n"


@dataclass
class Office:
    """The campaign office at one moment of a campaign played so far."""

    play: Play
    session: Session
    now: datetime

    @property
    def by(self) -> Actor:
        return Actor(office(self.session, self.now.date())[0], "test")

    @property
    def campaign(self) -> Campaign:
        return self.session.scalars(select(Campaign)).one()

    def amend(self, items: str, rest: str = "") -> Amendment:
        text = f"{HEAD}launched: 2017-04-14\n{rest}items:\n{items}"
        cal = self.play.player.calendar
        plan = read_plan(text, "new.yaml")
        return amend(self.session, self.campaign, plan, text, "", self.by, self.now, cal)

    def decide(self, move: Move, stage: Stage | None = None, due: date | None = None) -> None:
        decision = decide(self.session, self.campaign, move, self.by, self.now, stage, "停课", due)
        carry_out(self.session, decision, self.now, self.play.player.calendar)

    def rows(self, key: str) -> dict[str, Obligation]:
        """The newest row of each respondent."""
        rows = select(Obligation).join(Deliverable).where(Deliverable.key == key)
        found = self.session.scalars(rows.order_by(Obligation.id))
        return {row.respondent.name: row for row in found}

    def hand_in(self, key: str, unit: str) -> None:
        by, cal = self.by, self.play.player.calendar
        assert by.post is not None
        given = HandIn("材料", on_behalf_why="电话")
        hand_in(self.session, self.rows(key)[unit], by.post, given, by, self.now, cal)

    def date(self, key: str, due: str, reason: str = "") -> Amendment:
        row = self.session.scalars(select(Deliverable).where(Deliverable.key == key)).one()
        day, cal = date.fromisoformat(due), self.play.player.calendar
        return date_item(self.session, row, day, self.by, reason, self.now, cal)

    def send_back(self, key: str, unit: str) -> None:
        cal = self.play.player.calendar
        send_back(self.session, self.rows(key)[unit], self.by, "缺页", self.now, cal)


@contextmanager
def at_the_office(play: Play, day: str, hour: int = 10) -> Iterator[Office]:
    """After the daily round of that day."""
    play.run(day)
    at = datetime.combine(date.fromisoformat(day), time(hour), play.player.calendar.tz)
    with play.database.writing() as session:
        yield Office(play, session, at)


def test_an_item_added_is_asked_from_the_next_round_and_each_contact_hears_once() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        report = desk.amend(SCHEME + "  - {id: more, what: 名单, who: [学校], due: 2017-05-12}\n")
        assert (report.version, report.asked_anew, report.told) == (2, 2, 2)
    play.run("2017-04-19")
    assert [event.items[0].unit for event in play.of("obligation_opened", what="名单")] == [
        "第一中学", "第二中学",
    ]  # fmt: skip
    told = [event for event in play.of("message") if "方案第2版：新增“名单”" in event.why]
    assert [(event.to and event.to.name, event.at.date()) for event in told] == [
        ("联一", date(2017, 4, 19)), ("联二", date(2017, 4, 19)),
    ]  # fmt: skip


def test_an_item_taken_away_is_withdrawn_and_chased_no_more() -> None:
    play = played(SCHEME + WEEK, "2017-05-03")
    with at_the_office(play, "2017-05-04") as desk:
        report = desk.amend(WEEK)
        assert len(report.withdrawn) == 3
        assert {row.state for row in desk.rows("scheme").values()} == {ObligationState.WITHDRAWN}
    play.run("2017-06-10")
    assert {day for day, *_ in play.rungs("方案")} <= {"05-04"}
    assert not [event for event in play.of("locked") if event.items[0].what == "方案"]


def test_a_date_moved_moves_only_rows_not_received_and_the_old_date_stays_beside_it() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.hand_in("scheme", "第一中学")
        report = desk.amend(SCHEME.replace("05-10", "05-26"))
        rows = desk.rows("scheme")
        assert {name: row.due for name, row in rows.items()} == {
            "第一中学": date(2017, 5, 10),
            "第二中学": date(2017, 5, 26),
            "电教馆": date(2017, 5, 26),
        }  # fmt: skip
        assert {row.scheduled_due for row in rows.values()} == {date(2017, 5, 10)}
        assert [(move.old, move.new) for move in desk.session.scalars(select(DateMove))] == [
            (date(2017, 5, 10), date(2017, 5, 26))
        ] * 2
        assert (report.kept, len(report.redated)) == (1, 2)
    play.run("2017-05-24")
    assert [(day, rung) for day, rung, _, _ in play.rungs("方案")] == [("05-23", 0)] * 2


def test_what_is_overdue_keeps_its_date_and_its_place_in_the_past_rate() -> None:
    play = played(SCHEME, "2017-05-12")
    with at_the_office(play, "2017-05-15") as desk:
        report = desk.amend(SCHEME.replace("05-10", "05-26"))
        assert report.overdue == 3
        assert not report.redated
        assert {row.due for row in desk.rows("scheme").values()} == {date(2017, 5, 10)}


def test_more_time_granted_stands_against_an_earlier_plan_date() -> None:
    behave = "acts:\n" + (
        "  - {at: 2017-04-18 09:00, do: ask_extension, item: scheme, unit: 第一中学,"
        " due: 2017-06-15, text: 人手不够}\n"
        "  - {at: 2017-04-18 10:00, do: decide_extension, item: scheme, unit: 第一中学, ok: true}\n"
    )
    play = played(SCHEME, "2017-04-18", behave=behave)
    with at_the_office(play, "2017-04-19") as desk:
        desk.amend(SCHEME.replace("05-10", "05-26"))
        rows = desk.rows("scheme")
        assert rows["第一中学"].due == date(2017, 6, 15)
        assert rows["第二中学"].due == date(2017, 5, 26)


def test_a_unit_no_longer_asked_is_released_and_asked_again_by_a_later_version() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.amend(SCHEME.replace("各单位", "学校"))
        assert desk.rows("scheme")["电教馆"].state is ObligationState.WITHDRAWN
    with at_the_office(play, "2017-04-19") as desk:
        report = desk.amend(SCHEME)
        row = desk.rows("scheme")["电教馆"]
        assert (row.state, row.exempted_at) == (ObligationState.OWED, None)
        assert report.asked_again == ["电教馆·方案"]
    play.run("2017-05-08")
    assert ("05-05", 0, 0, "联馆") in play.rungs("方案")


def test_what_has_been_received_is_not_withdrawn_and_nothing_is_half_done() -> None:
    play = played(SCHEME + SHELF, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.hand_in("scheme", "电教馆")
    for amended in (SHELF, SHELF + SCHEME.replace("各单位", "学校")):
        refused = pytest.raises(Refused, match="电教馆·方案”等 1 件已经收到报送，不能撤销")
        with refused, at_the_office(play, "2017-04-18", 11) as desk:
            desk.amend(amended)
    with at_the_office(play, "2017-04-18", 12) as desk:
        assert len(desk.session.scalars(select(PlanVersion)).all()) == 1
        assert desk.rows("scheme")["第一中学"].state is ObligationState.OWED


@pytest.mark.parametrize("amended", [WEEK, WEEK + SCHEME.replace("各单位", "活动办")])
@pytest.mark.parametrize("half_done", ["sent back", "in part"])
def test_what_was_received_and_is_still_chased_after_its_date_is_not_withdrawn(
    half_done: str, amended: str
) -> None:
    asked = SCHEME if half_done == "sent back" else SCHEME.replace("}", ", quota: 2}")
    play = played(asked + WEEK, "2017-05-08")
    with at_the_office(play, "2017-05-09") as desk:
        desk.hand_in("scheme", "第一中学")
        if half_done == "sent back":
            desk.send_back("scheme", "第一中学")
    refused = pytest.raises(Refused, match="“第一中学·方案”等 1 件收到过报送、还没有办结")
    with refused, at_the_office(play, "2017-05-15", 8) as desk:
        desk.amend(amended)
    with at_the_office(play, "2017-05-15") as desk:
        exempt(desk.session, desk.rows("scheme")["第一中学"], desk.by, "不要了", desk.now)
        desk.amend(amended)
    play.run("2017-06-30")
    late = {who for day, _, _, who in play.rungs("方案") if day > "05-15"}
    assert not late & {"联一", "主一", "联二", "主二"}


def test_what_waits_for_review_after_its_date_is_accepted_but_not_sent_back_once_withdrawn() -> (
    None
):
    play = played(SCHEME + WEEK, "2017-05-08")
    with at_the_office(play, "2017-05-09") as desk:
        desk.hand_in("scheme", "第一中学")
    with at_the_office(play, "2017-05-15") as desk:
        desk.amend(WEEK)
        with pytest.raises(Refused, match="“第一中学·方案”已由后来的方案撤去，不再退回"):
            desk.send_back("scheme", "第一中学")
        accept(desk.session, desk.rows("scheme")["第一中学"], desk.by, desk.now)
        assert desk.rows("scheme")["第一中学"].state is ObligationState.ACCEPTED


@pytest.mark.parametrize(
    ("items", "refusal"),
    [
        (SCHEME, "没有差别"),
        (SCHEME.replace("2017-05-10", "2017-04-17"), "2017-04-17 已经过去，还有单位没有报"),
        (SCHEME.replace(", due: 2017-05-10", ""), "不能改回待定"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_in_one_sentence(items: str, refusal: str) -> None:
    play = played(SCHEME, "2017-04-17")
    with pytest.raises(Refused, match=refusal), at_the_office(play, "2017-04-18") as desk:
        desk.amend(items)


def test_a_new_version_may_not_ask_a_class_there_is_not_or_drop_a_stage() -> None:
    stages = "stages:\n  - {id: a, name: 动员, until: 2017-04-28}\n"
    play = played(SCHEME, "2017-04-17", rest=stages)
    with pytest.raises(Refused, match="少了阶段“动员”"), at_the_office(play, "2017-04-18") as desk:
        desk.amend(SCHEME)
    nobody = "  - {id: x, what: 新, who: [谁], due: 2017-05-12}\n"
    with pytest.raises(PlanError), at_the_office(play, "2017-04-18", 11) as desk:
        desk.amend(SCHEME + nobody, stages)


def test_a_stage_keeps_what_the_office_has_decided_unless_the_new_version_changes_it() -> None:
    stages = "stages:\n  - {id: a, name: 动员, until: 2017-04-28}\n"
    play = played(SCHEME, "2017-04-17", rest=stages)
    with at_the_office(play, "2017-04-18") as desk:
        stage, cal = desk.session.scalars(select(Stage)).one(), play.player.calendar
        decision = decide(
            desk.session,
            desk.campaign,
            Move.EXTEND,
            desk.by,
            desk.now,
            stage,
            "雨",
            date(2017, 5, 5),
        )
        carry_out(desk.session, decision, desk.now, cal)
        desk.amend(SCHEME.replace("05-10", "05-12"), stages)
        assert stage.due == date(2017, 5, 5)
        desk.amend(SCHEME.replace("05-10", "05-12"), stages.replace("04-28", "05-31"))
        assert stage.due == date(2017, 5, 31)


def test_a_cycle_asked_otherwise_goes_on_in_its_new_periods() -> None:
    play = played(WEEK, "2017-05-03")
    with at_the_office(play, "2017-05-04") as desk:
        desk.amend(WEEK.replace("weekly", "monthly"))
    play.run("2017-06-05")
    opened = play.of("obligation_opened", what="周报")
    periods = [event.items[0].period for event in opened if event.items[0].unit == "第一中学"]
    assert periods == ["2017-W15", "2017-W16", "2017-W17", "2017-W18", "2017-05", "2017-06"]


def test_what_was_undated_gets_its_date_and_its_ladder() -> None:
    play = played(SHELF, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        row = desk.session.scalars(select(Deliverable)).one()
        cal = play.player.calendar
        report = date_item(desk.session, row, date(2017, 5, 12), desk.by, "定了", desk.now, cal)
        assert [(move.old, move.new) for move in report.redated] == [(None, date(2017, 5, 12))] * 2
        with pytest.raises(Refused, match="已经过去"):
            date_item(desk.session, row, date(2017, 4, 1), desk.by, "", desk.now, cal)
    play.run("2017-05-17")
    assert [(day, rung) for day, rung, _, _ in play.rungs("专栏")][:4] == [
        ("05-09", 0), ("05-09", 0), ("05-15", 1), ("05-15", 1),
    ]  # fmt: skip
    told = [event.to for event in play.of("message") if "定于 2017-05-12" in event.why]
    assert [who and who.name for who in told] == ["联一", "联二"]


def test_a_date_is_set_neither_for_a_cycle_nor_after_the_end() -> None:
    play = played(WEEK, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        row, cal = desk.session.scalars(select(Deliverable)).one(), play.player.calendar
        with pytest.raises(Refused, match="按期报送"):
            date_item(desk.session, row, date(2017, 5, 12), desk.by, "", desk.now, cal)
        row.campaign.state = CampaignState.CLOSED
        with pytest.raises(Refused, match="已结束"):
            date_item(desk.session, row, date(2017, 5, 12), desk.by, "", desk.now, cal)


def test_what_a_version_took_away_gets_no_date_and_does_not_come_back() -> None:
    opened = "  - {id: opened, what: 小结, who: [学校], stage: b, due: opened+5}\n"
    stages = "stages:\n  - {id: a, name: 动员, until: 2017-04-28}\n"
    stages += "  - {id: b, name: 查摆, opens: office}\n"
    play = played(SCHEME + SHELF + opened, "2017-04-17", rest=stages)
    with at_the_office(play, "2017-04-18") as desk:
        desk.amend(SCHEME, stages)
        with pytest.raises(Refused, match="“专栏”已由后来的方案撤去，不能再定期限"):
            desk.date("shelf", "2017-05-12")
        desk.decide(Move.OPEN, desk.session.scalars(select(Stage).where(Stage.key == "b")).one())
    play.run("2017-05-05")
    assert not play.of("obligation_opened", what="小结")


def test_a_date_says_what_it_dated_and_is_refused_where_there_is_nothing_to_date() -> None:
    play = played(SCHEME + SHELF + EVENT, "2017-05-12")
    refused = pytest.raises(Refused, match="“方案”没有报的 3 件都已过期限，期限不动")
    with refused, at_the_office(play, "2017-05-15") as desk:
        desk.date("scheme", "2017-06-01")
    with at_the_office(play, "2017-05-15", 11) as desk:
        with pytest.raises(Refused, match="“回访”现在没有待定期限的应报件"):
            desk.date("event", "2017-06-01")
        assert len(desk.date("shelf", "2017-06-01").redated) == 2
        with pytest.raises(Refused, match="“专栏”没有期限可改的应报件"):
            desk.date("shelf", "2017-06-01")


def test_a_date_set_changed_and_set_again_is_told_each_time_even_at_one_moment() -> None:
    play = played(SHELF, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        dates = ("2017-05-12", "2017-05-19", "2017-05-12")
        assert [desk.date("shelf", due).told for due in dates] == [2, 2, 2]


def test_the_date_the_office_set_stands_until_a_version_changes_the_date() -> None:
    play = played(SHELF, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.date("shelf", "2017-05-12")
        desk.amend(SHELF.replace("学校", "各单位").replace("}", ", review: false}"))
    play.run("2017-04-19")
    with at_the_office(play, "2017-04-20") as desk:
        dues = {name: row.due for name, row in desk.rows("shelf").items()}
        assert dues == dict.fromkeys(("第一中学", "第二中学", "电教馆"), date(2017, 5, 12))
        desk.amend(SHELF.replace("}", ", due: 2017-05-26}"))
        assert desk.rows("shelf")["第一中学"].due == date(2017, 5, 26)


def test_one_thing_more_is_asked_of_chosen_units_and_later_versions_leave_it_alone() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        unit = desk.session.scalars(select(Unit).where(Unit.name == "电教馆")).one()
        cal = play.player.calendar
        row, report = ask_extra(
            desk.session, desk.campaign, "防汛情况", [unit], date(2017, 5, 3), desk.by, "县里要",
            desk.now, cal,
        )  # fmt: skip
        assert (row.key, report.asked_anew, report.told) == ("extra-1", 1, 1)
    play.run("2017-04-19")
    with at_the_office(play, "2017-04-20") as desk:
        desk.amend(SCHEME.replace("05-10", "05-26"))
        assert desk.rows("extra-1")["电教馆"].state is ObligationState.OWED
        taken = "  - {id: extra-1, what: 新, who: [学校], due: 2017-05-26}\n"
        with pytest.raises(Refused, match="临时加报的“防汛情况”使用"):
            desk.amend(SCHEME.replace("05-10", "05-27") + taken)
    play.run("2017-05-04")
    assert ("05-04", 1, 0, "联馆") in play.rungs("防汛情况")


def test_a_campaign_called_off_withdraws_what_is_owed_keeps_what_came_and_says_so() -> None:
    play = played(SCHEME, "2017-04-17")
    with at_the_office(play, "2017-04-18") as desk:
        desk.hand_in("scheme", "第一中学")
        desk.decide(Move.CANCEL)
        states = {name: row.state for name, row in desk.rows("scheme").items()}
        assert states == {
            "第一中学": ObligationState.SUBMITTED,
            "第二中学": ObligationState.WITHDRAWN,
            "电教馆": ObligationState.WITHDRAWN,
        }
        kinds = desk.session.scalars(
            select(Item.why).where(Item.kind == ItemKind.ACT, Item.why.contains("已取消"))
        ).all()
        assert len(kinds) >= 4
    play.run("2017-06-30")
    assert not play.rungs("方案")
