"""Delivery into the folder of .eml files."""

from __future__ import annotations

import errno
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from config.settings import Settings
from ledger.messages import Message, MessageState
from ledger.roles import Role
from notifications.channels import OutboxChannel
from notifications.deliver import Counts, deliver
from notifications.mail import AddressDead
from tests.notifications.outgoing import MAIL, mail_to
from tests.notifications.scene import CAL, NOW, Scene
from tests.notifications.sink import parsed


def outbox(settings: Settings) -> list[Path]:
    return sorted((settings.home / "outbox").iterdir())


def test_without_a_server_messages_are_files_that_sort_by_time(
    scene: Scene, database: Database, settings: Settings
) -> None:
    later, sooner = scene.digest(), scene.digest(scene.post("赵明", Role.OFFICE))
    sooner.leaves_at = NOW - timedelta(minutes=1)
    scene.session.commit()
    assert deliver(database, settings, NOW, CAL) == Counts(sent=2)
    names = [file.name for file in outbox(settings)]
    assert names == [
        f"20170503T085900-{sooner.id:07}.eml",
        f"20170503T090000-{later.id:07}.eml",
    ]
    mail = parsed(outbox(settings)[1].read_bytes())
    assert "云川市第一中学·每周稿件" in mail["Subject"]
    assert mail["To"] == "李文静 <p1@yunchuan.example>"


def test_a_message_sent_again_is_the_same_file(
    scene: Scene, database: Database, settings: Settings
) -> None:
    message = scene.digest()
    scene.session.commit()
    deliver(database, settings, NOW, CAL)
    before = {file.name: file.read_bytes() for file in outbox(settings)}
    scene.session.refresh(message)
    message.state = MessageState.READY
    scene.session.commit()
    deliver(database, settings, NOW, CAL)
    assert {file.name: file.read_bytes() for file in outbox(settings)} == before


def test_a_folder_that_cannot_be_written_leaves_the_message_ready_and_nothing_half_written(
    scene: Scene, database: Database, settings: Settings
) -> None:
    message = scene.digest()
    scene.session.commit()
    (settings.home / "outbox").write_text("不是文件夹")
    counts = deliver(database, settings, NOW, CAL)
    scene.session.expire_all()
    assert counts.stopped is not None and "写不进去" in counts.stopped
    assert message.state is MessageState.READY


def test_a_full_disk_leaves_no_half_written_file(
    scene: Scene, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(file: Path, content: bytes) -> int:
        with file.open("wb") as half:
            half.write(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    scene.digest()
    scene.session.commit()
    monkeypatch.setattr(Path, "write_bytes", fill)
    assert deliver(database, settings, NOW, CAL).stopped is not None
    assert outbox(settings) == []


def test_a_wrong_address_fails_and_is_named(
    scene: Scene, database: Database, settings: Settings
) -> None:
    addresses = ["没有@地址", "a@yunchuan.example, b@yunchuan.example", "a@x.cn\nBcc: b@x.cn"]
    for n, email in enumerate(addresses):
        post = scene.post(f"人{n}", Role.CONTACT, scene.school)
        post.person.addresses[0].value = email
        scene.digest(post, date(2017, 4, 28))
    scene.session.commit()
    assert deliver(database, settings, NOW, CAL) == Counts(failed=3)
    reasons = scene.session.scalars(select(Message.reason).order_by(Message.id)).all()
    in_one_line = [" ".join(email.split()) for email in addresses]
    assert reasons == [f"收件地址“{email}”不对，请更正" for email in in_one_line]


def test_what_is_told_is_where_the_file_is(tmp_path: Path) -> None:
    said = OutboxChannel(tmp_path / "outbox").send(MAIL)
    (file,) = (tmp_path / "outbox").iterdir()
    assert said == f"已写成文件 {file}"
    assert parsed(file.read_bytes())["To"] == "李文静 <li@yunchuan.example>"


def test_an_address_that_is_none_is_dead_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(AddressDead, match="没有@地址"):
        OutboxChannel(tmp_path / "outbox").send(mail_to("没有@地址"))
    assert not (tmp_path / "outbox").exists()


def test_a_mail_that_answers_another_stands_in_its_thread(tmp_path: Path) -> None:
    OutboxChannel(tmp_path).send(mail_to(MAIL.to_address, answers="case:7"))
    (file,) = tmp_path.iterdir()
    mail = parsed(file.read_bytes())
    assert mail["In-Reply-To"] == mail["References"] == "<case.7@localhost>"
