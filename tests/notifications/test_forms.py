"""Blank forms go with the launch message, to those who answer for the item."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.campaigns import DeliverableTarget, PlanVersion
from ledger.messages import ItemKind, MessageKind
from ledger.roles import Role
from notifications.deliver import Counts
from notifications.memory import MemoryChannel
from tests.notifications.conftest import Send
from tests.notifications.scene import NOW, PLAN, Scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "plans"
    (folder / "attachments").mkdir(parents=True)
    for name in ("总结表.xlsx", "说明.docx", "通知原文.txt"):
        (folder / "attachments" / name).write_bytes(b"form")
    return folder


def asked(scene: Scene, folder: Path, forms: str) -> None:
    """A plan whose item, asked of every school, carries these forms."""
    text = PLAN.replace("due: 2017-06-30}", f"due: 2017-06-30, forms: [{forms}]}}")
    scene.add(
        PlanVersion(
            campaign_id=scene.campaign.id,
            number=2,
            text=text,
            folder=str(folder),
            written_at=NOW,
        )
    )
    deliverable = scene.deliverable("总结")
    deliverable.key = "report"
    scene.add(DeliverableTarget(deliverable_id=deliverable.id, unit_class="局属学校"))


def test_a_form_goes_to_whoever_answers_for_the_item_and_to_nobody_else(
    scene: Scene, send: Send, folder: Path
) -> None:
    asked(scene, folder, "attachments/总结表.xlsx, attachments/说明.docx")
    office = scene.post("何主任", Role.OFFICE)
    scene.launch(str(folder))
    to_office = scene.message(office, MessageKind.LAUNCH)
    scene.news(to_office, office, ItemKind.ACT, "请按方案组织实施。")
    channel = MemoryChannel()
    assert send(channel) == Counts(sent=2)
    files = {mail.to_name: [file.name for file in mail.attachments] for mail in channel.sent}
    assert files == {
        "李文静": ["通知原文.txt", "总结表.xlsx", "说明.docx"],
        "何主任": ["通知原文.txt"],
    }
    mail = next(mail for mail in channel.sent if mail.to_name == "李文静")
    for part in (mail.text, mail.html):
        assert "随附空白表格：总结表.xlsx（总结）、说明.docx（总结），请按原样填写" in part
    mail = next(mail for mail in channel.sent if mail.to_name == "何主任")
    assert "空白表格" not in mail.text
    assert "通知原文见附件。" in mail.text


def test_a_form_that_is_gone_is_left_out(scene: Scene, send: Send, folder: Path) -> None:
    asked(scene, folder, "attachments/没有.xlsx")
    scene.launch(str(folder))
    channel = MemoryChannel()
    assert send(channel) == Counts(sent=1)
    assert [file.name for file in channel.sent[0].attachments] == ["通知原文.txt"]
