"""What the office sends by hand, as it arrives: files, the link to sign by, corrections."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from config.files import stored
from config.secret_key import secret_key
from config.settings import Settings
from ledger.announcements import Announcement
from ledger.announcing import announce
from ledger.audience import Chosen, chosen_posts
from ledger.audit import Actor
from ledger.correcting import correct, recall
from ledger.intake import HandedFile
from ledger.messages import Message, MessageState
from ledger.roles import Role
from ledger.units import Post
from ledger.wording import Wording
from notifications.deliver import Counts, deliver
from notifications.links import Links
from notifications.mail import AddressDead, Mail
from notifications.memory import MemoryChannel
from tests.notifications.conftest import Send
from tests.notifications.scene import CAL, NOW, Scene

SHA = "ab" * 32
AGENDA = HandedFile("会议议程.txt", SHA, 6)


@pytest.fixture
def office(scene: Scene) -> Post:
    return scene.post("褚南星", Role.OFFICE)


@pytest.fixture
def by(office: Post) -> Actor:
    return Actor(office, "test")


def say(scene: Scene, by: Actor, within: int | None = None, at: datetime = NOW) -> int:
    """A notice to the contact of the school, with a file."""
    chosen = Chosen(units=[scene.school.id], roles=(Role.CONTACT,))
    said = Wording("防汛通知", "请今晚值班。", [AGENDA])
    row = announce(
        scene.session, said, chosen_posts(chosen, at.date()), by, at, CAL, sign_within=within
    )
    return row.id


def keep(settings: Settings) -> Path:
    file = stored(settings.home, SHA)
    file.parent.mkdir(parents=True)
    file.write_bytes("议程".encode())
    return file


def link_in(mail: Mail, settings: Settings) -> int | None:
    """The message the mail's link to sign is for."""
    found = re.search(r"/s/(\S+)", mail.text)
    return Links(settings.base_url, secret_key(settings)).read(found[1]) if found else None


def test_its_files_go_along_under_their_own_names(
    scene: Scene, send: Send, settings: Settings, by: Actor
) -> None:
    say(scene, by)
    file, channel = keep(settings), MemoryChannel()
    assert send(channel) == Counts(sent=1)
    (mail,) = channel.sent
    assert [(one.path, one.name) for one in mail.attachments] == [(file, "会议议程.txt")]
    assert "请今晚值班。" in mail.text and "/s/" not in mail.text


def test_what_is_to_be_signed_for_carries_its_own_link(
    scene: Scene, send: Send, settings: Settings, by: Actor
) -> None:
    say(scene, by, within=2)
    channel = MemoryChannel()
    send(channel)
    (mail,) = channel.sent
    assert link_in(mail, settings) == mail.id
    assert re.search(r'href="[^"]*/s/', mail.html) and "/s/" in mail.robot


def test_carried_on_to_another_it_is_to_be_signed_for_still(
    scene: Scene, send: Send, settings: Settings, by: Actor
) -> None:
    scene.post("周校长", Role.HEAD, scene.school)
    say(scene, by, within=2)
    dead = AddressDead("没有这个邮箱")
    channel = MemoryChannel([dead, dead])
    assert send(channel).sent == 2
    mail = next(mail for mail in channel.sent if mail.subject.startswith("【请签收】"))
    assert mail.to_name == "褚南星" and link_in(mail, settings) == mail.id
    assert "因其地址不能用" in mail.text


def test_a_correction_says_what_was_wrong_and_a_recall_that_it_does_not_hold(
    scene: Scene, send: Send, by: Actor
) -> None:
    say(scene, by)
    channel = MemoryChannel()
    send(channel)
    wrong = scene.session.get_one(Announcement, 1)
    right = Wording("防汛通知", "请明晚值班。")
    put = correct(scene.session, wrong, right, "日期写错", by, NOW, CAL)
    send(channel)
    recall(scene.session, put.announcement, "雨停了", by, NOW, CAL)
    send(channel)
    _, corrected, recalled = channel.sent
    assert all(words in corrected.text for words in ("请明晚值班。", "日期写错", "请今晚值班。"))
    assert "雨停了" in recalled.text and "撤回" in recalled.subject


def test_a_file_that_is_gone_stops_its_own_message_only(
    scene: Scene, database: Database, settings: Settings, by: Actor
) -> None:
    say(scene, by)
    other = scene.digest()
    scene.session.commit()
    counts = deliver(database, settings, NOW, CAL)
    scene.session.expire_all()
    assert (counts.failed, other.state) == (1, MessageState.SENT)
    failed = select(Message.reason).where(Message.state == MessageState.FAILED)
    assert "附件“会议议程.txt”读不出来" in (scene.session.scalars(failed).one() or "")
