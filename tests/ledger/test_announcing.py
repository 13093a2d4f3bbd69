"""What the office sends by hand, puts right and takes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ledger.announcements import AnnouncedFile, Announcement
from ledger.announcing import announce
from ledger.audience import Chosen, chosen_posts, units_without
from ledger.audit import PLAN, Act, Audit
from ledger.errors import Refused
from ledger.letters import letter
from ledger.messages import MessageKind, MessageState
from ledger.roles import Role
from ledger.units import Post, Unit
from ledger.wording import Wording
from tests.ledger.hand import CAL, FRIDAY, Hand, moment

READY, SENT = MessageState.READY, MessageState.SENT
SEEN = "“防汛通知”有更正，请以更正后的内容为准"
UNSEEN = "“防汛通知”（更正前的一稿没有发给您，这是更正后的内容）"


@pytest.fixture
def hand() -> Hand:
    return Hand()


def refused(act: object, *given: object, **more: object) -> str:
    with pytest.raises(Refused) as said:
        act(*given, **more)  # type: ignore[operator]
    return str(said.value)


class TestWhoHears:
    def test_the_contacts_of_the_units_named(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学", "电教馆"])
        assert hand.told(number) == {"联一": READY, "联馆": READY}

    def test_the_roles_named_of_a_class(self, hand: Hand) -> None:
        number = hand.announce(classes=["学校"], roles=[Role.HEAD, Role.LEADER])
        assert set(hand.told(number)) == {"主一", "主二", "领甲"}

    def test_all_holders_of_a_role_where_no_unit_is_named(self, hand: Hand) -> None:
        number = hand.announce(roles=[Role.LEADER, Role.LEADING_GROUP])
        assert set(hand.told(number)) == {"领甲", "领乙", "组长"}

    def test_posts_named_beside_units(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], people=["督一"])
        assert set(hand.told(number)) == {"联一", "督一"}

    def test_who_holds_two_of_the_posts_hears_once(self, hand: Hand) -> None:
        with hand.database.writing() as session:
            person = session.scalars(select(Post).where(Post.person.has(name="联一"))).one()
            unit = session.scalars(select(Unit).where(Unit.name == "第二中学")).one()
            session.add(Post(person_id=person.person_id, role=Role.CONTACT, unit_id=unit.id))
        number = hand.announce(classes=["学校"])
        assert sorted(hand.told(number)) == ["联一", "联二"]

    def test_a_unit_in_which_nobody_holds_the_role_is_named(self, hand: Hand) -> None:
        with hand.database.writing() as session:
            session.add(Unit(name="第三中学", unit_class="学校"))
            chosen = Chosen(classes=["学校"], roles=[Role.LEADING_GROUP])
            assert units_without(session, chosen, moment(FRIDAY).date()) == []
            chosen = Chosen(classes=["学校"], roles=[Role.ADMIN])
            assert "第一中学" in units_without(session, chosen, moment(FRIDAY).date())

    def test_it_leaves_at_once_within_office_hours_else_at_the_next_opening(
        self, hand: Hand
    ) -> None:
        leaving = {}
        for at in (FRIDAY, "2017-04-14 18:00"):
            number = hand.announce(at, units=["第一中学"])
            with hand.database.reading() as session:
                leaving[at] = hand.message(session, "联一", number).leaves_at
        assert leaving == {
            FRIDAY: moment(FRIDAY),
            "2017-04-14 18:00": moment("2017-04-17 08:30"),
        }

    def test_it_is_kept_with_who_sent_it_and_a_history_row(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"], title="  防汛通知 ", text="一\r\n二\n")
        with hand.database.reading() as session:
            row = session.get_one(Announcement, number)
            assert (row.title, row.body, row.sign_within) == ("防汛通知", "一\n二", None)
            audit = session.scalars(select(Audit).where(Audit.act == Act.ANNOUNCED)).one()
            assert (audit.by_post_id, audit.note) == (row.by_post_id, "第 1 号“防汛通知”：1 人")
            message = hand.message(session, "联一", number)
            assert (message.kind, message.announcement_id) == (MessageKind.NOTICE, number)
            (line,) = letter(session, message, moment(FRIDAY), CAL).lines
            assert line.headline == "防汛通知"
            assert line.why == "您收到这条消息，是因为您是第一中学的联络员。"


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("", "好", "标题是空的；请写上标题。"),
        (" \n ", "好", "标题是空的；请写上标题。"),
        ("一\n二", "好", "标题里有换行或看不见的字符；请写成一行。"),
        ("一\u2028二", "好", "标题里有换行或看不见的字符；请写成一行。"),
        ("长" * 121, "好", "标题有 121 个字，最多 120 个；请缩短，细节写进正文。"),
        ("通知", " \n\t", "正文是空的；请写上要说的话。"),
        ("通知", "a\x00b", "正文里有看不见的控制字符，也许不是文本文件；请另存为纯文本后重试。"),
        ("通知", "长" * 20_001, "正文有 20001 个字，最多 20000 个；请改用附件。"),
    ],
)
def test_what_cannot_be_said_is_refused_in_a_sentence(
    hand: Hand, title: str, text: str, said: str
) -> None:
    assert refused(hand.announce, units=["第一中学"], title=title, text=text) == said


def test_a_title_of_120_and_a_text_of_20000_signs_pass(hand: Hand) -> None:
    number = hand.announce(units=["第一中学"], title="长" * 120, text="长" * 20_000)
    assert hand.told(number) == {"联一": READY}


def test_to_nobody_is_refused_and_leaves_nothing(hand: Hand) -> None:
    assert refused(hand.announce, roles=[Role.ADMIN]).startswith("没有一个收件人")
    with hand.database.reading() as session:
        assert session.scalars(select(Announcement)).all() == []


def test_nobody_announces_without_a_post(hand: Hand) -> None:
    with hand.database.writing() as session:
        posts = chosen_posts(Chosen(roles=[Role.CONTACT]), moment(FRIDAY).date())
        words = Wording("通知", "好")
        said = refused(announce, session, words, posts, PLAN, moment(FRIDAY), CAL)
    assert said == "发通知要写明以哪个岗位的名义。"


class TestCorrecting:
    def test_who_had_it_gets_the_correction_who_had_not_gets_only_the_right_text(
        self, hand: Hand
    ) -> None:
        number = hand.announce(classes=["学校", "机构"])
        hand.put("联一", number, SENT, sent_at=moment(FRIDAY))
        done = hand.correct(number, "请各校明晚值班。")
        right = done.announcement.id
        assert (done.had, done.kept_back) == (1, 2)
        assert hand.told(number) == {
            "联一": SENT,
            "联二": MessageState.SKIPPED,
            "联馆": MessageState.SKIPPED,
        }
        assert hand.words(right) == {"联一": SEEN, "联二": UNSEEN, "联馆": UNSEEN}
        with hand.database.reading() as session:
            assert hand.message(session, "联二", number).reason == "已更正，不再发出"
            assert hand.message(session, "联二", right).kind is MessageKind.CORRECTION
            row = session.get_one(Announcement, right)
            assert (row.about_id, row.reason, row.body) == (number, "时间写错", "请各校明晚值班。")
            assert session.get_one(Announcement, number).body == "请各校今晚值班。"

    @pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.UNKNOWN])
    def test_who_may_have_it_gets_the_correction(self, hand: Hand, state: MessageState) -> None:
        number = hand.announce(units=["第一中学"])
        hand.put("联一", number, state, again=True)
        right = hand.correct(number, "请各校明晚值班。").announcement.id
        assert hand.told(number) == {"联一": state}
        assert hand.words(right) == {"联一": SEEN}
        with hand.database.reading() as session:
            assert not hand.message(session, "联一", number).again

    def test_what_was_held_is_not_sent(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"])
        hand.put("联一", number, MessageState.HELD)
        right = hand.correct(number, "请各校明晚值班。").announcement.id
        assert hand.told(number) == {"联一": MessageState.SKIPPED}
        assert hand.words(right) == {"联一": UNSEEN}

    def test_the_wrong_one_put_off_while_it_was_being_sent_never_leaves_after_it(
        self, hand: Hand
    ) -> None:
        number = hand.announce(units=["第一中学"])
        hand.put("联一", number, MessageState.SENDING)
        hand.correct(number, "请各校明晚值班。")
        hand.put("联一", number, READY)
        with hand.database.reading() as session:
            message = hand.message(session, "联一", number)
            assert letter(session, message, moment(FRIDAY), CAL).lines == ()

    def test_a_correction_may_be_corrected_and_reaches_who_had_only_the_first(
        self, hand: Hand
    ) -> None:
        first = hand.announce(units=["第一中学", "第二中学"])
        hand.put("联一", first, SENT)
        second = hand.correct(first, "请各校明晚值班。").announcement.id
        third = hand.correct(second, "请各校后天值班。").announcement.id
        assert hand.told(second) == {"联一": MessageState.SKIPPED, "联二": MessageState.SKIPPED}
        assert hand.words(third) == {"联一": SEEN, "联二": UNSEEN}

    def test_whoever_got_it_in_anothers_stead_gets_the_correction(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"])
        hand.carry_on("联一", number, "主一")
        hand.leave(FRIDAY)
        right = hand.correct(number, "请各校明晚值班。").announcement.id
        assert hand.words(right) == {"主一": SEEN}

    def test_files_go_along_unless_others_are_given(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"])
        with hand.database.writing() as session:
            file = AnnouncedFile(name="表.xlsx", sha256="a" * 64, size=3)
            session.add(file)
            file.announcement_id = number
        right = hand.correct(number, "请各校明晚值班。").announcement.id
        with hand.database.reading() as session:
            files = session.get_one(Announcement, right).files
            assert [(file.name, file.sha256) for file in files] == [("表.xlsx", "a" * 64)]

    def test_the_same_again_and_what_has_been_put_right_are_refused(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"])
        assert refused(hand.correct, number, "请各校今晚值班。\n").startswith(
            "更正后的内容与第 1 号相同"
        )
        hand.correct(number, "请各校明晚值班。")
        said = "第 1 号已由第 2 号更正；要再更正，请写第 2 号。"
        assert refused(hand.correct, number, "请各校后天值班。") == said
        assert refused(hand.recall, number) == said.replace("要再更正", "要再撤回")


class TestRecalling:
    def test_who_had_it_is_told_and_nobody_else(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学", "第二中学"])
        hand.put("联一", number, SENT)
        done = hand.recall(number)
        assert (done.had, done.kept_back) == (1, 1)
        assert hand.told(number) == {"联一": SENT, "联二": MessageState.SKIPPED}
        assert hand.words(done.announcement.id) == {"联一": "“防汛通知”已撤回"}
        with hand.database.reading() as session:
            row = hand.message(session, "联一", done.announcement.id)
            assert row.kind is MessageKind.RECALL
            audit = session.scalars(select(Audit).where(Audit.act == Act.RECALLED)).one()
            assert audit.note == "第 2 号“防汛通知”：不办了"

    def test_after_a_correction_that_never_left_who_had_the_first_is_told(self, hand: Hand) -> None:
        first = hand.announce(units=["第一中学", "第二中学"])
        hand.put("联一", first, SENT)
        second = hand.correct(first, "请各校明晚值班。").announcement.id
        done = hand.recall(second)
        assert hand.words(done.announcement.id) == {"联一": "“防汛通知”已撤回"}

    def test_what_is_recalled_can_be_neither_corrected_nor_recalled(self, hand: Hand) -> None:
        number = hand.announce(units=["第一中学"])
        recalled = hand.recall(number).announcement.id
        for act, verb in (
            (lambda: hand.correct(number, "新"), "更正"),
            (lambda: hand.recall(1), "撤回"),
        ):
            said = f"第 1 号已经撤回（第 2 号），不能再{verb}；有话要说请另发一份通知。"
            assert refused(act) == said
        said = "第 2 号本身是撤回，不能更正；有话要说请另发一份通知。"
        assert refused(hand.correct, recalled, "新") == said
