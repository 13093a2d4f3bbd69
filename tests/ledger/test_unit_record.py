from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from ledger.announcements import Announcement, Telling
from ledger.message_filters import to_unit
from ledger.messages import ItemKind, Message, MessageKind, MessageState
from ledger.roles import Role
from ledger.unit_record import ALREADY_DONE, Told, told
from ledger.units import Unit
from tests import store
from tests.notifications.scene import CAL, NOW, Scene

DUE = date(2017, 4, 30)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


def record(scene: Scene, about: str = "", unit: Unit | None = None) -> list[Told]:
    scene.session.flush()
    of = unit or scene.school
    return told(scene.session, of, [to_unit(scene.session, of, CAL)], about, CAL)


def what(row: Told) -> list[str]:
    return [line.line.what for line in row.lines]


def left(message: Message, body: str) -> Message:
    message.state, message.sent_at, message.body = MessageState.SENT, NOW, body
    return message


def test_of_several_reminders_of_a_case_the_highest_is_told(scene: Scene) -> None:
    message, owed = scene.message(scene.contact), scene.owed(DUE)
    for rung in (1, 2, 0):
        scene.rung(message, scene.contact, owed, rung)
    scene.weekly(message, scene.contact, owed)
    (row,) = record(scene)
    assert [(line.line.rung_name, line.left_out) for line in row.lines] == [("督办", None)]
    assert (row.offices, row.rest) == (("联络员",), 0)


def test_a_case_that_the_text_does_not_name_was_not_told(scene: Scene) -> None:
    message = scene.message(scene.contact)
    for matter in ("稿件", "台账"):
        scene.rung(message, scene.contact, scene.owed(DUE, what=matter), 1)
    left(message, "1. 云川市第一中学·台账（2017年第16周）")
    (row,) = record(scene)
    assert [line.left_out for line in row.lines] == [ALREADY_DONE, None]


def test_a_text_in_words_of_its_own_proves_nothing_left_out(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.rung(message, scene.contact, scene.owed(DUE), 1)
    left(message, "请尽快报送。")
    (row,) = record(scene)
    assert [line.left_out for line in row.lines] == [None]


def test_the_cases_of_another_unit_are_counted_not_told(scene: Scene) -> None:
    other = scene.unit("云川市第二中学")
    there = scene.post("兼任", Role.HEAD, other)
    there.person_id = scene.contact.person_id
    both, only_theirs = scene.message(scene.contact), scene.message(scene.contact)
    scene.rung(both, scene.contact, scene.owed(DUE), 1)
    scene.rung(both, there, scene.owed(DUE, other), 1)
    scene.rung(only_theirs, there, scene.owed(DUE, other), 1)
    everyone = scene.message(scene.contact, MessageKind.LAUNCH)
    scene.news(everyone, there, ItemKind.ACT, "活动启动")
    rows = record(scene)
    assert [(row.message.id, len(row.lines), row.rest) for row in rows] == [
        (both.id, 1, 1),
        (everyone.id, 1, 0),
    ]


def test_what_was_carried_on_outside_the_unit_is_told_whole(scene: Scene) -> None:
    office = scene.post("褚南星", Role.OFFICE, scene.unit("局活动办"))
    failed = scene.digest()
    heir = scene.message(office, origin_id=failed.id)
    scene.rung(heir, office, scene.owed(DUE), 1)
    rows = {row.message.id: row for row in record(scene)}
    assert rows[heir.id].message.carried_from == "李文静"
    assert rows[heir.id].offices == ()
    assert len(rows[heir.id].lines) == 1


def test_words_are_looked_for_in_lines_and_in_what_the_office_announced(scene: Scene) -> None:
    message = scene.message(scene.contact)
    for matter in ("食堂台账", "每周稿件"):
        scene.rung(message, scene.contact, scene.owed(DUE, what=matter), 1)
    announcement = scene.add(
        Announcement(
            telling=Telling.NOTICE,
            title="关于检查的通知",
            body="五月检查食堂。",
            at=NOW,
            by_post_id=scene.contact.id,
        )
    )
    notice = scene.message(scene.contact, MessageKind.NOTICE, announcement_id=announcement.id)
    scene.news(notice, scene.contact, ItemKind.ANNOUNCED, "")
    title = "云川市第一中学·食堂台账（2017年第16周）"
    found = record(scene, "食堂")
    assert [(what(row), row.rest) for row in found] == [([title], 1), (["关于检查的通知"], 0)]
    assert [what(row) for row in record(scene, "食堂 台账")] == [[title]]
    assert [row.announced for row in record(scene, "检查")] == ["关于检查的通知"]
    assert record(scene, "操场") == []


def test_a_message_whose_lines_went_into_a_later_one_is_still_told(scene: Scene) -> None:
    scene.message(scene.contact, state=MessageState.SKIPPED, reason="已并入下一次消息")
    (row,) = record(scene)
    assert (row.lines, row.message.reason) == ((), "已并入下一次消息")
