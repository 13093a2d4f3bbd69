"""Signing for messages (签收): the limit, the first signature, who is told when there is none."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ledger.absences import Absence
from ledger.announcement_rows import announcement_rows, find_reader, reader_rows
from ledger.announcements import Announcement
from ledger.audit import Act, Audit
from ledger.correspondence import message_rows
from ledger.errors import LedgerError, Refused
from ledger.launch import launch
from ledger.letters import letters
from ledger.message_life import life_of
from ledger.messages import Item, ItemKind, Message, MessageKind, MessageState
from ledger.plan import read_plan
from ledger.roles import Role
from ledger.round import run_round
from ledger.signatures import Signature
from ledger.signing import sign, sign_on_behalf
from ledger.slips import read_slip
from ledger.units import Person, Post
from ledger.workdays import WorkCalendar
from tests.ledger.hand import CAL, FRIDAY, Hand, moment
from tests.ledger.play import HEAD
from tests.ledger.rivals import Rivals
from tests.store import shared

ITEMS = "items:\n  - {id: r, what: 总结, who: [学校], due: 2017-06-30}\n"


@pytest.fixture
def hand() -> Hand:
    return Hand()


def signed_for(hand: Hand, within: int = 2, at: str = FRIDAY) -> int:
    """A notice to 第一中学 that is to be signed for and has left."""
    number = hand.announce(at, units=["第一中学"], within=within)
    hand.leave(at if at == FRIDAY else "2099-01-01 10:00")
    return number


def links(hand: Hand, at: str) -> list[tuple[str, str | None]]:
    """Who was told of an unsigned message, and through whose message the line lets them sign."""
    with hand.database.reading() as session:
        told = select(Message).where(Message.items.any(Item.kind == ItemKind.UNSIGNED))
        messages = session.scalars(told.order_by(Message.id)).all()
        found = letters(session, [message.id for message in messages], moment(at), CAL)
        return [
            (
                message.person.name,
                session.get_one(Message, line.signs).person.name if line.signs else None,
            )
            for message in messages
            for line in found[message.id].lines
        ]


class TestTheLimit:
    @pytest.mark.parametrize(
        ("at", "within", "due"),
        [
            (FRIDAY, 2, date(2017, 4, 18)),
            ("2017-04-14 18:00", 2, date(2017, 4, 19)),  # it leaves on Monday
            ("2017-01-20 10:00", 1, date(2017, 1, 22)),  # a Sunday worked for the Spring Festival
            ("2017-09-28 10:00", 2, date(2017, 9, 30)),  # a Saturday worked for the National Day
            ("2017-09-29 10:00", 2, date(2017, 10, 9)),
        ],
    )
    def test_is_so_many_working_days_after_the_day_it_leaves(
        self, hand: Hand, at: str, within: int, due: date
    ) -> None:
        number = hand.announce(at, units=["第一中学"], within=within)
        signature = hand.signature("联一", number)
        assert (signature.due, signature.next_at) == (due, CAL.end_of(due))

    def test_ends_at_24_o_clock(self, hand: Hand) -> None:
        number = signed_for(hand)
        hand.tick("2017-04-18 23:59:59")
        assert hand.signature("联一", number).again_at is None
        hand.tick("2017-04-19 00:00")
        assert hand.signature("联一", number).again_at == moment("2017-04-19 00:00")

    @pytest.mark.parametrize(
        ("at", "on_time"), [("2017-04-18 23:59:59", True), ("2017-04-19 00:00", False)]
    )
    def test_is_kept_by_who_signs_before_it_ends(self, hand: Hand, at: str, on_time: bool) -> None:
        number = signed_for(hand)
        assert hand.sign("联一", at)
        with hand.database.reading() as session:
            slip = read_slip(session, hand.message(session, "联一", number).id, CAL)
        assert slip is not None
        assert (slip.signed_at, slip.on_time) == (moment(at), on_time)

    def test_falling_on_a_day_that_became_one_of_rest_it_moves_on(self) -> None:
        hand = Hand()
        number = signed_for(hand)
        hand.calendar = WorkCalendar(closed=[date(2017, 4, 18)])
        hand.tick("2017-04-19 09:00")
        assert hand.signature("联一", number).due == date(2017, 4, 19)
        hand.tick("2017-04-20 09:00")
        assert hand.unsigned() == [("联一", "04-20")]

    def test_runs_from_the_day_the_message_really_left(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        with hand.database.writing() as session:
            message = hand.message(session, "联一", number)
            message.state, message.sent_at = MessageState.SENT, moment("2017-04-18 09:00")
        hand.tick("2017-04-19 09:00")
        signature = hand.signature("联一", number)
        assert (signature.due, signature.again_at) == (date(2017, 4, 20), None)
        hand.tick("2017-04-21 09:00")
        assert hand.unsigned() == [("联一", "04-21")]

    def test_does_not_run_while_the_message_has_not_left(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.put("联一", number, MessageState.HELD)
        for day in ("04-19", "04-21", "04-25"):
            hand.tick(f"2017-{day} 09:00")
        assert hand.unsigned() == []
        assert hand.signature("联一", number).due > date(2017, 4, 25)


class TestNobodySigns:
    def test_the_reader_hears_once_more_and_then_the_head(self, hand: Hand) -> None:
        signed_for(hand)
        for day in ("17", "18", "19", "20", "21", "24", "25", "26", "27"):
            hand.tick(f"2017-04-{day} 09:00")
        assert hand.unsigned() == [("联一", "04-19"), ("主一", "04-24")]

    def test_the_lines_say_what_was_not_signed_and_by_when(self, hand: Hand) -> None:
        number = signed_for(hand)
        hand.tick("2017-04-19 09:00")
        with hand.database.reading() as session:
            item = session.scalars(select(Item).where(Item.kind == ItemKind.UNSIGNED)).one()
            said = "“防汛通知”还没有签收，期限 2017-04-18 已过；请于 2017-04-21 前签收"
            assert (item.why, item.due) == (said, date(2017, 4, 21))
            assert item.message_id is not None
            found = letters(session, [item.message_id], moment("2017-04-19 09:00"), CAL)
            (line,) = found[item.message_id].lines
            assert line.signs == hand.message(session, "联一", number).id
        hand.tick("2017-04-24 09:00")
        with hand.database.reading() as session:
            item = session.scalars(select(Item).order_by(Item.id.desc()).limit(1)).one()
            assert item.why == (
                "第一中学的联络员联一没有签收“防汛通知”，期限 2017-04-18，已再次提醒"
            )

    def test_over_a_holiday_each_limit_counts_working_days(self, hand: Hand) -> None:
        hand.announce("2017-09-28 10:00", units=["第一中学"], within=2)
        hand.leave("2017-09-28 10:00")
        for day in ("09-29", "09-30", "10-09", "10-10", "10-11", "10-12"):
            hand.tick(f"2017-{day} 09:00")
        assert hand.unsigned() == [("联一", "10-09"), ("主一", "10-12")]

    def test_of_a_post_without_unit_the_office_hears(self, hand: Hand) -> None:
        hand.announce(roles=[Role.LEADING_GROUP], within=2)
        hand.leave(FRIDAY)
        for day in ("19", "24"):
            hand.tick(f"2017-04-{day} 09:00")
        assert hand.unsigned() == [("组长", "04-19"), ("办一", "04-24"), ("代乙", "04-24")]

    def test_where_the_only_head_is_who_did_not_sign_the_office_hears(self, hand: Hand) -> None:
        hand.announce(units=["第一中学"], roles=[Role.HEAD], within=2)
        hand.leave(FRIDAY)
        for day in ("19", "24"):
            hand.tick(f"2017-04-{day} 09:00")
        assert [name for name, _ in hand.unsigned()] == ["主一", "办一", "代乙"]

    def test_after_an_outage_each_step_comes_once_and_in_order(self, hand: Hand) -> None:
        signed_for(hand)
        for day in ("05-02", "05-03", "05-04", "05-05", "05-08"):
            hand.tick(f"2017-{day} 09:00")
        assert hand.unsigned() == [("联一", "05-02"), ("主一", "05-05")]

    def test_in_small_batches_it_ends_the_same(self, hand: Hand) -> None:
        hand.announce(classes=["学校", "机构"], within=2)
        hand.leave(FRIDAY)
        for day in ("19", "24", "25"):
            hand.tick(f"2017-04-{day} 09:00", batch=1)
        assert sorted(hand.unsigned()) == sorted(
            [(f"联{unit}", "04-19") for unit in "一二馆"]
            + [(f"主{unit}", "04-24") for unit in "一二馆"]
        )

    def test_several_at_once_tell_once(self) -> None:
        hand = Hand(shared(Hand().database))
        hand.announce(classes=["学校", "机构"], within=2)
        hand.leave(FRIDAY)
        rivals = Rivals(2)
        try:
            for seed, day in enumerate(("2017-04-19 09:00", "2017-04-24 09:00")):
                ended = rivals.run(hand.database, moment(day), 1, seed)
                assert ended.count(True) == 1, ended
                hand.leave(day)
        finally:
            rivals.stop()
        assert sorted(name for name, _ in hand.unsigned()) == sorted(
            f"{who}{unit}" for who in "联主" for unit in "一二馆"
        )

    def test_who_got_it_in_anothers_stead_is_told_again(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "联二")
        hand.leave(FRIDAY)
        for day in ("19", "24"):
            hand.tick(f"2017-04-{day} 09:00")
        assert hand.unsigned() == [("联二", "04-19"), ("主一", "04-24")]

    def test_of_what_reached_nobody_the_head_hears_at_the_limit_and_once(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.put("联一", number, MessageState.FAILED)
        for day in ("17", "18", "19", "20", "21", "24", "25"):
            hand.tick(f"2017-04-{day} 09:00")
        assert hand.unsigned() == [("主一", "04-19")]
        with hand.database.reading() as session:
            item = session.scalars(select(Item).where(Item.kind == ItemKind.UNSIGNED)).one()
            assert item.why == (
                "“防汛通知”没有送到第一中学的联络员联一，期限 2017-04-18 已过，"
                "没有人签收；请转告本人"
            )
        assert hand.signature("联一", number).next_at is None

    def test_where_it_reached_not_even_the_head_the_office_hears(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "主一")
        hand.put("主一", number, MessageState.FAILED)
        hand.tick("2017-04-19 09:00")
        assert hand.unsigned() == [("办一", "04-19"), ("代乙", "04-19")]

    def test_what_was_carried_on_and_then_kept_back_is_left_alone(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "主一")
        hand.put("主一", number, MessageState.SKIPPED)
        hand.tick("2017-04-19 09:00")
        assert hand.unsigned() == []
        assert hand.signature("联一", number).next_at is None

    def test_a_deputy_in_anothers_stead_hears_of_both_messages(self, hand: Hand) -> None:
        with hand.database.writing() as session:
            rows = select(Post).where(Post.person.has(Person.name.in_(("联一", "联二"))))
            away, there = session.scalars(rows.order_by(Post.id))
            away.deputy_id = there.person_id
        hand.announce(classes=["学校"], within=2)
        hand.leave(FRIDAY)
        with hand.database.writing() as session:
            row = Absence(
                person_id=away.person_id, first=date(2017, 4, 17), at=moment("2017-04-17 09:00")
            )
            session.add(row)
        hand.tick("2017-04-19 09:00")
        assert hand.unsigned() == [("联二", "04-19"), ("联二", "04-19")]
        assert links(hand, "2017-04-19 09:00") == [("联二", "联一"), ("联二", "联二")]

    def test_who_is_told_again_in_anothers_stead_signs_through_their_own(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "联二")
        hand.carry_on("联二", number, "联馆")
        hand.leave(FRIDAY)
        for day in ("19", "24"):
            hand.tick(f"2017-04-{day} 09:00")
        # The head is told about somebody else, and signs for nothing.
        assert links(hand, "2017-04-24 09:00") == [("联馆", "联馆"), ("主一", None)]

    def test_the_head_told_of_another_has_no_link_though_it_was_tried_there(
        self, hand: Hand
    ) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "主一")
        hand.carry_on("主一", number, "办一")
        hand.leave(FRIDAY)
        for day in ("19", "24"):
            hand.tick(f"2017-04-{day} 09:00")
        assert links(hand, "2017-04-24 09:00") == [("办一", "办一"), ("主一", None)]


class TestSigned:
    def test_nobody_hears_any_more(self, hand: Hand) -> None:
        number = signed_for(hand)
        assert hand.sign("联一", "2017-04-18 23:59:59")
        for day in ("19", "24"):
            hand.tick(f"2017-04-{day} 09:00")
        assert hand.unsigned() == []
        signature = hand.signature("联一", number)
        assert (signature.next_at, signature.signed_from) == (None, "10.0.0.8 手机")

    def test_the_first_one_is_kept(self, hand: Hand) -> None:
        number = signed_for(hand)
        assert hand.sign("联一", "2017-04-17 10:00")
        assert not hand.sign("联一", "2017-04-17 11:00")
        assert hand.signature("联一", number).signed_at == moment("2017-04-17 10:00")

    def test_after_it_was_told_again_the_line_left_unsent_is_not_said(self, hand: Hand) -> None:
        signed_for(hand)
        with hand.database.writing() as session:
            run_round(session, moment("2017-04-19 09:00"), CAL)
        assert hand.lines("2017-04-19 09:00")
        hand.sign("联一", "2017-04-19 09:01")
        assert hand.lines("2017-04-19 09:02") == []

    def test_before_the_round_what_waits_is_dropped(self, hand: Hand) -> None:
        signed_for(hand)
        hand.tick("2017-04-19 00:30")
        hand.sign("联一", "2017-04-19 08:00")
        assert hand.tick("2017-04-19 09:00") is not None
        with hand.database.reading() as session:
            item = session.scalars(select(Item).where(Item.kind == ItemKind.UNSIGNED)).one()
            assert (item.message_id, item.dropped) == (None, "已签收")
            digests = select(Message).where(Message.kind == MessageKind.DIGEST)
            assert session.scalars(digests).all() == []

    def test_through_the_message_carried_on_it_is_the_first_ones(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "主一")
        hand.leave(FRIDAY)
        assert hand.sign("主一", "2017-04-17 10:00")
        assert hand.signature("联一", number).signed_at == moment("2017-04-17 10:00")
        assert not hand.sign("联一", "2017-04-17 10:01", number)

    def test_whose_link_was_pressed_has_signed_and_nobody_else(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "主一")
        hand.carry_on("主一", number, "联二")
        hand.leave(FRIDAY)
        hand.sign("联二", "2017-04-17 10:00")
        with hand.database.reading() as session:
            messages = [hand.message(session, name, number) for name in ("联一", "主一", "联二")]
            ids = [message.id for message in messages]
            known = [
                *reader_rows(session, session.get_one(Announcement, number)),
                *message_rows(session, ids),
                *(life_of(session, message).signature for message in messages),
                *(read_slip(session, id, CAL) for id in ids),
            ]
            said = {(one.signer, one.signed_message) for one in known if one}
        assert (len(known), said) == (12, {("联二", ids[-1])})

    def test_for_whom_the_office_signs_has_signed_though_another_got_it(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], within=2)
        hand.carry_on("联一", number, "主一")
        with hand.database.writing() as session:
            message = hand.message(session, "联一", number)
            by, now = hand.office(session), moment("2017-04-17 10:00")
            sign_on_behalf(session, message, "电话", by, now)
            with pytest.raises(Refused, match="联一已经签收过了"):
                sign_on_behalf(session, hand.message(session, "主一", number), "电话", by, now)
        assert hand.signature("联一", number).signed_message_id == message.id

    def test_what_asks_for_none_is_refused(self, hand: Hand) -> None:
        hand.announce(units=["第一中学"])
        with pytest.raises(Refused, match="不需要签收"):
            hand.sign("联一", "2017-04-17 10:00")

    def test_where_from_is_cut_to_what_can_be_kept(self, hand: Hand) -> None:
        number = signed_for(hand)
        with hand.database.writing() as session:
            sign(session, hand.message(session, "联一", number), moment(FRIDAY), "长" * 500)
        assert hand.signature("联一", number).signed_from == "长" * 200


class TestPutRight:
    def test_recalled_nobody_signs_or_is_told(self, hand: Hand) -> None:
        number = signed_for(hand)
        hand.recall(number, "2017-04-17 10:00")
        hand.leave("2017-04-17 10:00")
        with pytest.raises(Refused, match="已经撤回，不需要签收"):
            hand.sign("联一", "2017-04-17 11:00", number)
        hand.tick("2017-04-19 09:00")
        assert hand.unsigned() == []
        assert hand.signature("联一", number).next_at is None

    def test_recalled_after_it_was_signed_stays_signed(self, hand: Hand) -> None:
        number = signed_for(hand)
        hand.sign("联一", "2017-04-17 10:00")
        hand.recall(number, "2017-04-17 11:00")
        assert not hand.sign("联一", "2017-04-17 12:00", number)
        assert hand.signature("联一", number).signed_at == moment("2017-04-17 10:00")

    def test_corrected_the_right_text_is_signed_for_instead(self, hand: Hand) -> None:
        number = signed_for(hand)
        right = hand.correct(number, "明晚值班。", "2017-04-17 10:00").announcement.id
        hand.leave("2017-04-17 10:00")
        with pytest.raises(Refused, match="请签收更正后的通知"):
            hand.sign("联一", "2017-04-17 11:00", number)
        assert hand.signature("联一", right).due == date(2017, 4, 19)
        hand.tick("2017-04-19 09:00")
        assert hand.unsigned() == []
        assert hand.sign("联一", "2017-04-19 10:00", right)

    def test_recalled_after_it_was_told_again_the_line_left_unsent_is_not_said(
        self, hand: Hand
    ) -> None:
        number = signed_for(hand)
        hand.tick("2017-04-19 00:30")
        hand.recall(number, "2017-04-19 08:40")
        hand.tick("2017-04-19 09:00")
        assert hand.unsigned() == []


class TestOnBehalf:
    def test_the_office_records_it_with_who_and_why(self, hand: Hand) -> None:
        number = signed_for(hand)
        with hand.database.writing() as session:
            row = session.get_one(Announcement, number)
            message = find_reader(session, row, "联一")
            by = hand.office(session)
            sign_on_behalf(session, message, " 电话\n确认 ", by, moment("2017-04-17 10:00"))
        assert hand.signature("联一", number).signed_from == "办一代为签收：电话 确认"
        with hand.database.reading() as session:
            audit = session.scalars(select(Audit).where(Audit.act == Act.SIGNED_FOR)).one()
            assert audit.by_post_id is not None
            assert audit.note == f"代联一签收消息 {message.id}：电话 确认"

    def test_signed_already_or_without_reason_it_is_refused(self, hand: Hand) -> None:
        number = signed_for(hand)
        hand.sign("联一", "2017-04-17 10:00")
        with hand.database.writing() as session:
            message = hand.message(session, "联一", number)
            by, now = hand.office(session), moment("2017-04-17 11:00")
            with pytest.raises(Refused, match="联一已经签收过了"):
                sign_on_behalf(session, message, "电话", by, now)
            with pytest.raises(Refused, match="请写明理由"):
                sign_on_behalf(session, message, " ", by, now)

    @pytest.mark.parametrize(
        ("word", "said"),
        [
            ("联三", "第 1 号没有发给“联三”；是不是“联二”或“联一”。"),
            ("张飞", "第 1 号没有发给“张飞”；请用 duban notice show 查看发给了谁。"),
        ],
    )
    def test_who_did_not_get_it_cannot_sign(self, hand: Hand, word: str, said: str) -> None:
        hand.announce(classes=["学校"], within=2)
        with hand.database.reading() as session, pytest.raises(LedgerError) as refusal:
            find_reader(session, session.get_one(Announcement, 1), word)
        assert str(refusal.value) == said

    def test_of_two_with_one_name_the_message_is_named(self, hand: Hand) -> None:
        with hand.database.writing() as session:
            session.scalars(select(Person).where(Person.name == "联二")).one().name = "联一"
        number = hand.announce(classes=["学校"], within=2)
        with hand.database.reading() as session:
            row = session.get_one(Announcement, number)
            with pytest.raises(LedgerError, match="有 2 个“联一”：1 第一中学、2 第二中学"):
                find_reader(session, row, "联一")
            assert find_reader(session, row, "2").id == 2


class TestTheRecord:
    def test_of_an_announcement_counts_who_got_it_and_who_signed(self, hand: Hand) -> None:
        number = hand.announce(classes=["学校", "机构"], within=2)
        hand.put("联二", number, MessageState.FAILED, reason="没有可用的地址")
        hand.carry_on("联馆", number, "主馆")
        hand.leave(FRIDAY)
        hand.sign("联一", "2017-04-17 10:00")
        hand.sign("主馆", "2017-04-17 11:00")
        with hand.database.reading() as session:
            (row,) = announcement_rows(session)
            readers = reader_rows(session, session.get_one(Announcement, number))
        assert (row.messages, row.sent, row.asked, row.signed) == (3, 1, 3, 2)
        by_name = {one.name: one for one in readers}
        assert {name for name, one in by_name.items() if one.reached} == {"联一", "主馆"}
        assert [name for name, one in by_name.items() if one.unreachable] == ["联二"]
        assert (by_name["联馆"].carried_to, by_name["主馆"].instead_of) == (("主馆",), "联馆")
        assert by_name["主馆"].signed_at == moment("2017-04-17 11:00")


class TestTheLaunch:
    def launched(self, sign: str) -> Hand:
        hand = Hand()
        text = f"{HEAD}launched: 2017-04-14\n{sign}{ITEMS}"
        with hand.database.writing() as session:
            plan = read_plan(text, "plan.yaml")
            launch(session, plan, text, "", hand.office(session), moment(FRIDAY), CAL)
        hand.leave(FRIDAY)
        return hand

    def signers(self, hand: Hand) -> list[tuple[str, date]]:
        rows = select(Person.name, Signature.due).select_from(Signature).join(Signature.message)
        with hand.database.reading() as session:
            found = session.execute(rows.join(Person, Person.id == Message.person_id))
            return sorted((name, due) for name, due in found)

    def test_is_signed_for_by_the_contacts_where_the_plan_says_so(self) -> None:
        hand = self.launched("sign: {launch: true, within: 3}\n")
        due = date(2017, 4, 19)
        assert self.signers(hand) == [("联一", due), ("联二", due)]
        hand.tick("2017-04-20 09:00")
        assert hand.unsigned() == [("联一", "04-20"), ("联二", "04-20")]
        with hand.database.reading() as session:
            item = session.scalars(select(Item).where(Item.kind == ItemKind.UNSIGNED)).first()
            assert item is not None
            assert item.why.startswith("“读书启动通知”还没有签收")

    @pytest.mark.parametrize("sign", ["", "sign: {within: 5}\n"])
    def test_is_not_signed_for_otherwise(self, sign: str) -> None:
        assert self.signers(self.launched(sign)) == []
