from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from ledger.addresses import ChannelKind
from ledger.announcements import Announcement, Telling
from ledger.audit import Act, Actor, record
from ledger.message_life import Life, life_of
from ledger.messages import Attempt, ItemKind, Message, MessageKind, MessageState, Tried
from ledger.roles import Role
from ledger.signatures import Signature
from tests import store
from tests.notifications.scene import NOW, TODAY, Scene

SUNDAY = date(2017, 4, 30)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


def life(scene: Scene, message: Message) -> Life:
    scene.session.flush()
    scene.session.expire_all()
    return life_of(scene.session, message)


def announced(scene: Scene, telling: Telling, about: Announcement | None = None) -> Announcement:
    row: Announcement = scene.add(
        Announcement(
            telling=telling,
            title="座谈会",
            body="五月五日上午。",
            about_id=about.id if about else None,
            reason="日期写错" if about else "",
            at=NOW + (MINUTE if about else timedelta()),
            by_post_id=scene.contact.id,
        )
    )
    return row


def test_a_rung_names_its_case_ladder_and_reader(scene: Scene) -> None:
    message = scene.digest(due=SUNDAY)
    (line,) = life(scene, message).items
    assert line.what == "云川市第一中学·每周稿件（2017年第16周）"
    assert (line.ladder, line.rung, line.rung_name, line.due) == (
        *("rectification", 1, "催办", SUNDAY),
    )
    assert (line.role, line.unit, line.instead_of) == (Role.CONTACT, "云川市第一中学", None)
    assert line.because == "您收到这条消息，是因为您是云川市第一中学的联络员。"
    assert line.units == (scene.school.id,)


def test_what_a_deputy_hears_says_in_whose_place(scene: Scene) -> None:
    deputy = scene.post("邻校", Role.CONTACT, scene.unit("云川市第二中学"))
    message = scene.message(deputy)
    scene.rung(message, scene.contact, scene.owed(SUNDAY), 1, person_id=deputy.person_id)
    (line,) = life(scene, message).items
    assert line.instead_of == "李文静"
    assert line.because == "您收到这条消息，是因为您是李文静的代理人。"


def test_dropped_lines_stay_with_their_reason(scene: Scene) -> None:
    message = scene.digest()
    message.items[0].dropped = "本周已过"
    assert [line.dropped for line in life(scene, message).items] == ["本周已过"]


def test_every_attempt_is_told_in_order(scene: Scene) -> None:
    message = scene.digest()
    told = [
        (Tried.PUT_OFF, "a@yunchuan.example", "451 稍后再试"),
        (Tried.UNCLEAR, None, ""),
        (Tried.SENT, "b@yunchuan.example", "250 OK"),
    ]
    for n, (outcome, address, said) in enumerate(told):
        scene.add(
            Attempt(
                message_id=message.id,
                at=NOW + n * MINUTE,
                channel=ChannelKind.EMAIL if address else None,
                address=address,
                outcome=outcome,
                said=said,
            )
        )
    found = life(scene, message)
    assert [(row.outcome, row.address, row.said) for row in found.attempts] == told
    last = found.message
    assert (last.channel, last.address, last.answer) == ("email", "b@yunchuan.example", "250 OK")


def test_a_message_of_a_round_names_its_day_and_why_it_was_held(scene: Scene) -> None:
    scene.round.held_why = "比平时多 9 倍"
    found = life(scene, scene.digest()).round
    assert found is not None
    assert (found.day, found.held_why) == (TODAY, "比平时多 9 倍")


def test_a_message_written_at_once_names_the_act_and_who_did_it(scene: Scene) -> None:
    owed = scene.owed(SUNDAY)
    message = scene.message(scene.contact, MessageKind.SEND_BACK)
    about = {"campaign_id": scene.campaign.id, "obligation_id": owed.obligation_id}
    scene.news(message, scene.contact, ItemKind.ACT, "退回", obligation_id=owed.obligation_id)
    by = Actor(scene.post("褚南星", Role.OFFICE), "tester")
    record(scene.session, by, Act.SENT_BACK, NOW - MINUTE, **about, note="以前的")
    record(scene.session, by, Act.SENT_BACK, NOW, campaign_id=scene.campaign.id, note="别的")
    record(scene.session, by, Act.SENT_BACK, NOW, **about, note="缺附件")
    found = life(scene, message).cause
    assert found is not None
    assert (found.act, found.by, found.note) == (Act.SENT_BACK, "褚南星", "缺附件")


def test_carried_on_is_told_from_both_ends(scene: Scene) -> None:
    failed = scene.message(scene.contact, state=MessageState.FAILED, reason="没有这个邮箱")
    heir = scene.message(scene.post("王建国", Role.HEAD, scene.school), origin_id=failed.id)
    assert [(row.id, row.to) for row in life(scene, failed).carried_on] == [(heir.id, "王建国")]
    origin = life(scene, heir).origin
    assert origin is not None
    assert (origin.id, origin.to, origin.reason) == (failed.id, "李文静", "没有这个邮箱")


def test_a_notice_tells_what_put_it_right_and_what_took_that_back(scene: Scene) -> None:
    notice = announced(scene, Telling.NOTICE)
    correction = announced(scene, Telling.CORRECTION, notice)
    recall = announced(scene, Telling.RECALL, correction)
    announced(scene, Telling.NOTICE)
    message = scene.message(scene.contact, MessageKind.NOTICE, announcement_id=notice.id)
    scene.news(message, scene.contact, ItemKind.ANNOUNCED, "")
    found = life(scene, message)
    assert [row.id for row in found.announcements] == [notice.id, correction.id, recall.id]
    assert [(row.telling, row.by, row.reason) for row in found.announcements[1:]] == [
        (Telling.CORRECTION, "李文静", "日期写错"),
        (Telling.RECALL, "李文静", "日期写错"),
    ]
    assert [line.what for line in found.items] == ["座谈会"]


def test_a_signature_is_told_also_with_the_message_that_carries_on(scene: Scene) -> None:
    message = scene.message(scene.contact, MessageKind.NOTICE)
    heir = scene.message(scene.contact, MessageKind.NOTICE, origin_id=message.id)
    last = scene.message(scene.contact, MessageKind.NOTICE, origin_id=heir.id)
    scene.add(
        Signature(message_id=message.id, within=2, due=TODAY, signed_at=NOW, signed_from="10.1.2.3")
    )
    for each in (message, heir, last):
        found = life(scene, each).signature
        assert found is not None
        assert (found.due, found.signed_at, found.signed_from) == (TODAY, NOW, "10.1.2.3")
    assert life(scene, scene.message(scene.contact)).signature is None
