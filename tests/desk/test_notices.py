"""duban notice: what the office says by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from ledger.announcements import Announcement
from ledger.messages import Message, MessageState
from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal

SEND = ("notice", "send", "防汛通知", "--say", "请今晚值班。")
FIRST, SECOND = "云川市第一中学", "云川市第二中学"


def announcements(desk: Terminal) -> int:
    database = desk.database()
    with database.reading() as session:
        number = len(session.scalars(select(Announcement)).all())
    database.close()
    return number


def arrived(desk: Terminal) -> None:
    """All that is ready has left."""
    database = desk.database()
    with database.writing() as session:
        ready = update(Message).where(Message.state == MessageState.READY)
        session.execute(ready.values(state=MessageState.SENT, sent_at=Message.leaves_at))
    database.close()


def kept(desk: Terminal) -> list[Path]:
    return [file for file in (desk.home / "files").rglob("*") if file.is_file()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "值班表.xlsx"
    file.write_bytes(b"duty")
    return file


def test_it_is_shown_first_and_written_only_when_confirmed(
    desk: Terminal, office: Someone, file: Path
) -> None:
    typed = (*SEND, "--unit", FIRST, "--attach", file, "--sign")
    shown = desk.type(*typed, as_=office)
    assert shown.exit_code == 1
    for words in (
        *("通知：防汛通知", "请今晚值班。", "发给 2 人：", "韩若竹", "杨清荷", FIRST),
        *("附件：值班表.xlsx。", "请签收，2017-04-18 24:00 为限。", "发出：2017-04-14 10:00 起。"),
        "没有写入；确认后加 --yes 再来一次。",
    ):
        assert words in shown.stdout
    assert (announcements(desk), kept(desk)) == (0, [])
    written = desk.type(*typed, "--yes", as_=office)
    assert written.exit_code == 0
    assert "编号 1；谁收到、谁签收：duban notice show 1" in written.stdout
    assert announcements(desk) == 1
    assert [one.read_bytes() for one in kept(desk)] == [b"duty"]


def test_programs_read_to_whom_what_and_until_when(
    desk: Terminal, office: Someone, file: Path, tmp_path: Path
) -> None:
    text = tmp_path / "正文.txt"
    text.write_text("\ufeff第一行\r\n第二行\n", encoding="utf-8")
    typed = ("notice", "send", "防汛通知", "--text", text, "--unit", FIRST, "--attach", file)
    done = desk.ask(*typed, "--sign", "--within", "3", "--yes", as_=office)
    assert (done["number"], done["written"], done["text"]) == (1, True, "第一行\n第二行")
    assert done["sign_due"] == "2017-04-19"
    assert [one["name"] for one in done["readers"]] == ["韩若竹", "杨清荷"]
    assert [one["name"] for one in done["files"]] == ["值班表.xlsx"]
    shown = desk.ask("notice", "show", "1")
    assert (shown["asked"], shown["signed"], shown["by"]) == (2, 0, office.name)
    assert {one["state"] for one in shown["readers"]} == {"ready"}


def test_whom_by_class_role_and_post(desk: Terminal, office: Someone) -> None:
    def names(*whom: str) -> set[str]:
        done = desk.ask(*SEND, *whom, "--yes", as_=office)
        return {f"{one['role']} {one['unit'] or ''}".strip() for one in done["readers"]}

    assert names("--role", "领导小组") == {"领导小组"}
    assert names("--unit", FIRST, "--role", "主要负责人") == {f"主要负责人 {FIRST}"}
    by_class = names("--class", "局属学校")
    assert f"联络员 {FIRST}" in by_class
    assert all(one.startswith("联络员 ") for one in by_class)
    both = names("--unit", FIRST, "--to", str(office.post_id))
    assert both == {f"联络员 {FIRST}", "活动办 局活动办"}


def test_a_campaigns_plan_sets_the_limit_unless_typed(running: Terminal, office: Someone) -> None:
    typed = (*SEND, "--unit", FIRST, "--sign", "--campaign", "敢转争", "--yes")
    assert running.ask(*typed, as_=office)["sign_due"] == "2017-04-18"
    assert running.ask(*typed, "--within", "1", as_=office)["sign_due"] == "2017-04-17"
    assert [row["campaign"] for row in running.ask("notice", "list")] == ["敢转争"] * 2
    listed = running.ask("messages", "list", "--campaign", SLUG, "--kind", "临时通知")
    assert len(listed) == 4


def test_a_unit_in_which_nobody_holds_the_role_is_named(desk: Terminal, office: Someone) -> None:
    whom = ("--unit", FIRST, "--unit", SECOND, "--role", "系统管理员", "--to", str(office.post_id))
    shown = desk.type(*SEND, *whom, as_=office)
    assert f"下列单位没有这样的岗位，收不到：{FIRST}、{SECOND}。" in shown.stdout
    assert desk.ask(*SEND, *whom, "--yes", as_=office)["without"] == [FIRST, SECOND]


def test_corrected_and_recalled_the_record_keeps_all(desk: Terminal, office: Someone) -> None:
    desk.ask(*SEND, "--unit", FIRST, "--sign", "--yes", as_=office)
    arrived(desk)
    desk.ask(*SEND, "--unit", SECOND, "--yes", as_=office)
    correct = ("notice", "correct", "1", "--say", "请明晚值班。", "--reason", "日子写错")
    shown = desk.type(*correct, as_=office)
    assert (shown.exit_code, announcements(desk)) == (1, 2)
    assert "收到过错稿的 2 人得到更正。" in shown.stdout
    done = desk.ask(*correct, "--yes", as_=office)
    assert (done["number"], done["about"], done["had"], done["kept_back"]) == (3, 1, 2, 0)
    said = desk.refused(*correct, "--yes", as_=office)
    assert said == "第 1 号已由第 3 号更正；要再更正，请写第 3 号。"
    done = desk.ask("notice", "recall", "2", "--reason", "不办了", "--yes", as_=office)
    assert (done["had"], done["kept_back"], done["readers"]) == (0, 1, [])
    rows = [(row["telling"], row["settled_by"]) for row in desk.ask("notice", "list")]
    assert rows == [("notice", 3), ("notice", 4), ("correction", None), ("recall", None)]
    page = desk.type("notice", "show", "1").stdout
    assert "已由第 3 号更正。" in page
    assert "请今晚值班。" in page
    assert "其余的不必再签收。" in page
    assert "针对第 1 号；理由：日子写错。" in desk.type("notice", "show", "3").stdout
    assert "已由第 4 号撤回" in desk.type("notice", "list").stdout


def test_the_office_signs_for_who_telephoned(desk: Terminal, office: Someone) -> None:
    desk.ask(*SEND, "--unit", FIRST, "--sign", "--yes", as_=office)
    arrived(desk)
    typed = ("notice", "signed", "1", "--person", "韩若竹", "--reason", "电话确认")
    done = desk.ask(*typed, as_=office)
    assert done["from"] == f"{office.name}代为签收：电话确认"
    page = desk.type("notice", "show", "1").stdout
    assert "要签收的 2 人，已签收 1 人。" in page
    assert f"没有签收的：杨清荷（{FIRST}）。" in page
    assert desk.refused(*typed, as_=office) == "韩若竹已经签收过了，不必再签。"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("send", "通知", "--unit", FIRST), "正文用 --text 文件 或 --say 文字 写明，只写一个。"),
        (
            ("send", "通知", "--unit", FIRST, "--say", "好", "--within", "2"),
            "--within 要与 --sign 一起写。",
        ),
        (("send", "通知", "--say", "好"), "没有一个收件人"),
        (("send", "通知", "--say", " ", "--unit", FIRST), "正文是空的；请写上要说的话。"),
        (("send", "一\n二", "--say", "好", "--unit", FIRST), "标题里有换行"),
        (("send", "长" * 121, "--say", "好", "--unit", FIRST), "标题有 121 个字，最多 120 个"),
        (("send", "通知", "--say", "好", "--unit", "云川市第一种学"), f"是不是“{FIRST}”"),
        (
            ("send", "通知", "--say", "好", "--class", "局属学小"),
            "没有“局属学小”这个单位类别；是不是“局属学校”",
        ),
        (("send", "通知", "--say", "好", "--role", "组长"), "没有“组长”，可写：联络员、"),
        (("send", "通知", "--say", "好", "--to", "无名氏"), "没有“无名氏”这个岗位"),
        (("send", "通知", "--text", "没有.txt", "--unit", FIRST), "没有这个文件或目录"),
        (("show", "9"), "没有第 9 号通知；请用 duban notice list 查看。"),
        (("correct", "9", "--say", "好", "--reason", "错"), "没有第 9 号通知"),
        (("recall", "9", "--reason", "错"), "没有第 9 号通知"),
        (("signed", "9", "--person", "甲", "--reason", "错"), "没有第 9 号通知"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    desk: Terminal, office: Someone, typed: tuple[str, ...], said: str
) -> None:
    signs = typed[0] != "show"
    assert said in desk.refused("notice", *typed, as_=office if signs else None)
    assert announcements(desk) == 0


def test_a_file_that_will_not_do_is_refused_and_nothing_is_kept(
    desk: Terminal, office: Someone, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = (*SEND, "--unit", FIRST, "--attach", file, "--yes")
    empty = tmp_path / "空.docx"
    empty.touch()
    assert desk.refused(*typed, "--attach", empty, as_=office).startswith("空.docx 是空文件")
    assert "没有这个文件" in desk.refused(*typed, "--attach", tmp_path / "无.docx", as_=office)
    monkeypatch.setenv("DUBAN_MAX_FILE_BYTES", "3")
    assert "超过单个附件的上限" in desk.refused(*typed, as_=office)
    assert (announcements(desk), kept(desk)) == (0, [])


def test_a_file_sent_along_outlives_a_failed_hand_in_of_the_same(
    running: Terminal, owner: Someone, colleague: Someone, office: Someone, file: Path
) -> None:
    running.ask(*SEND, "--unit", FIRST, "--attach", file, "--yes", as_=office)
    typed = ("submission", "hand-in", SLUG, "s1-o17", "--unit", owner.unit, "--file", file)
    running.refused(*typed, as_=colleague)
    assert [one.read_bytes() for one in kept(running)] == [b"duty"]
