from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from ledger.campaigns import Campaign, CampaignState
from ledger.letters import Letter, letters
from ledger.messages import ItemKind, Message, MessageKind
from ledger.roles import Role
from notifications.kinds import PARTS, Face
from notifications.notice import read_notice
from notifications.phrases import day
from notifications.rendering import Place, Rendered, render
from tests.notifications.scene import CAL, NOW, TODAY, ZONE, Scene

SUNDAY = date(2017, 4, 30)
LINK = "https://duban.yunchuan.example"
PLACE = Place(ZONE, LINK)


def letter_of(scene: Scene, message: Message) -> Letter:
    scene.session.flush()
    return letters(scene.session, [message.id], NOW, CAL)[message.id]


def words(scene: Scene, message: Message) -> Rendered:
    return render(letter_of(scene, message), NOW, PLACE)


def launched(scene: Scene, message: Message) -> Rendered:
    notice = read_notice(scene.session, scene.campaign.id, CAL)
    return render(letter_of(scene, message), NOW, PLACE, notice)


def test_every_kind_has_its_templates() -> None:
    root = Path("notifications/templates")
    folders = {folder.name for folder in root.iterdir()} - {"_base"}
    assert folders == set(Face) >= set(MessageKind)
    for folder in folders:
        assert {file.name for file in (root / folder).iterdir()} == {*PARTS, "words.txt"}


def test_a_date_is_said_with_its_weekday() -> None:
    assert day(SUNDAY) == "2017年4月30日（星期日）"
    assert day(date(2027, 5, 6), provisional=True) == "2027年5月6日（星期四，暂定）"


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_digest_says_all_a_message_must(scene: Scene, part: str) -> None:
    said = getattr(words(scene, scene.digest()), part)
    for expected in (
        "李文静同志：",
        "读书活动全名",
        "云川市第一中学·每周稿件（2017年第16周）",
        "期限：2017年4月30日（星期日）",
        "已逾期3天",
        "报送给：局活动办",
        "层级：催办",
        LINK,
        "您收到这条消息，是因为您是云川市第一中学的联络员。",
    ):
        assert expected in said


def test_the_subject_of_one_line_is_that_line(scene: Scene) -> None:
    subject = words(scene, scene.digest()).subject
    assert subject == "【催办】读书：云川市第一中学·每周稿件（2017年第16周），已逾期3天"


def test_the_subject_of_many_lines_counts_them_with_those_not_shown(scene: Scene) -> None:
    leader = scene.post("钱若竹", Role.LEADER)
    message = scene.message(leader)
    for _ in range(12):
        scene.rung(message, leader, scene.owed(SUNDAY), 2)
    assert words(scene, message).subject == "【督办通知】读书：12项已逾期"
    scene.rung(message, leader, scene.owed(TODAY), 0)
    assert words(scene, message).subject == "【督办通知】读书：12项已逾期，另有1项"


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_leader_reads_ten_lines_the_number_left_and_a_link(scene: Scene, part: str) -> None:
    leader = scene.post("钱若竹", Role.LEADER)
    message = scene.message(leader)
    for _ in range(200):
        scene.rung(message, leader, scene.owed(SUNDAY), 2)
    said = getattr(words(scene, message), part)
    assert said.count("每周稿件") == 10
    assert "另有190项" in said
    assert LINK in said


def test_a_provisional_date_says_so_where_it_is_shown(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.weekly(message, scene.contact, scene.owed(date(2099, 5, 6)))
    said = words(scene, message)
    for part in (said.text, said.html):
        assert "2099年5月6日（星期三，暂定）" in part
        assert "放假安排尚未公布" in part
    assert "放假安排" not in words(scene, scene.digest()).text


def test_html_escapes_what_people_typed(scene: Scene) -> None:
    message = scene.message(scene.contact)
    owed = scene.owed(SUNDAY, what="<b>稿件</b> & “图”")
    scene.rung(message, scene.contact, owed, 1)
    said = words(scene, message)
    assert "<b>稿件</b> & “图”" in said.text
    assert "&lt;b&gt;稿件&lt;/b&gt; &amp;" in said.html
    assert "<b>稿件" not in said.html


def test_a_line_break_in_a_title_does_not_break_the_subject(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.rung(message, scene.contact, scene.owed(SUNDAY, what="稿件\r\nBcc: x@x.cn"), 1)
    assert "\n" not in words(scene, message).subject


def test_the_launch_names_documents_stages_and_dates(scene: Scene) -> None:
    message = scene.launch()
    said = launched(scene, message)
    assert said.subject == "【活动启动】读书活动全名"
    for part in (said.text, said.html):
        assert "关于开展读书活动的通知（云教〔2017〕3号）" in part
        assert "关于读书的意见（云发〔2017〕9号）" in part
        assert "2017年4月30日（星期日）" in part
        assert "2027年4月10日（星期六，暂定）" in part
        assert "放假安排尚未公布" in part
        assert "通知原文见附件" not in part


def test_the_original_notice_is_found_below_the_plans_folder_only(
    scene: Scene, tmp_path: Path
) -> None:
    folder = tmp_path / "plans"
    (folder / "attachments").mkdir(parents=True)
    scene.launch(str(folder))
    assert read_notice(scene.session, scene.campaign.id, CAL).file is None
    (folder / "attachments" / "通知原文.txt").symlink_to("/etc/hostname")
    assert read_notice(scene.session, scene.campaign.id, CAL).file is None
    (folder / "attachments" / "通知原文.txt").unlink()
    (folder / "attachments" / "通知原文.txt").write_text("原文")
    found = read_notice(scene.session, scene.campaign.id, CAL).file
    assert found == folder / "attachments" / "通知原文.txt"


def test_a_launch_without_its_notice_is_an_error_not_a_gap(scene: Scene) -> None:
    with pytest.raises(UndefinedError):
        render(letter_of(scene, scene.launch()), NOW, PLACE)


def test_a_receipt_says_when_it_came_and_whether_late(scene: Scene) -> None:
    message = scene.message(scene.contact, MessageKind.RECEIPT)
    about = {"obligation_id": scene.owed(SUNDAY).obligation_id, "due": SUNDAY}
    scene.news(message, scene.contact, ItemKind.ACT, "已收到第 1 稿", **about)
    said = words(scene, message)
    assert said.subject == "【已收到】云川市第一中学·每周稿件（2017年第16周）"
    for part in (said.text, said.html):
        assert "收到时间：2017年5月3日（星期三）09:00" in part
        assert "期限：2017年4月30日（星期日），已逾期3天" in part
        assert "已收到第 1 稿" in part


def test_a_send_back_says_what_to_correct_by_when(scene: Scene) -> None:
    message = scene.message(scene.contact, MessageKind.SEND_BACK)
    about = {"obligation_id": scene.owed(SUNDAY).obligation_id, "due": date(2017, 5, 8)}
    scene.news(message, scene.contact, ItemKind.ACT, "退回：缺照片", **about)
    said = words(scene, message)
    assert said.subject.startswith("【请改正】")
    for part in (said.text, said.html):
        assert "退回：缺照片" in part
        assert "改正期限：2017年5月8日（星期一）" in part


def test_a_stage_message_says_what_moved(scene: Scene) -> None:
    message = scene.message(scene.contact, MessageKind.STAGE)
    scene.news(message, scene.contact, ItemKind.ACT, "阶段“宣传发动”已转段")
    said = words(scene, message)
    assert said.subject == "【读书】阶段“宣传发动”已转段"
    assert "阶段“宣传发动”已转段。" in said.text and "读书活动全名" in said.html


def test_two_campaigns_are_named_at_each_line(scene: Scene) -> None:
    other = scene.add(
        Campaign(
            slug="wei-sheng",
            name="卫生活动全名",
            short="卫生",
            state=CampaignState.RUNNING,
            launched_at=NOW,
        )
    )
    message = scene.digest()
    scene.news(message, scene.contact, ItemKind.ASSIGNED, "交办问题", campaign_id=other.id)
    said = words(scene, message)
    assert said.subject.startswith("【催办】读书等2个活动：")
    assert "活动：卫生\n" in said.text
    assert "活动：卫生活动全名" in said.text
