from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.pool import ConnectionPoolEntry

from config import database as config_database
from ledger.submissions import Submission
from tests.conftest import Someone
from tests.desk.conftest import SLUG, Terminal

TARGETS = "s1-o17"
"""Due 2017-04-20, reviewed, asked of every unit."""

ARTICLE = "s1-o05"
"""Weekly, put on record without review."""


def row(desk: Terminal, item: str, unit: str) -> dict[str, Any]:
    rows = desk.ask("submission", "list", "--unit", unit)
    return next(row for row in rows if row["item"] == item and row["unit"] == unit)


def submissions(desk: Terminal) -> int:
    database = desk.database()
    with database.reading() as session:
        number = session.scalar(select(func.count(Submission.id))) or 0
    database.close()
    return number


def kept(desk: Terminal) -> list[Path]:
    return [file for file in (desk.home / "files").rglob("*") if file.is_file()]


def test_sent_back_and_handed_in_again_it_stays_on_time(
    running: Terminal, owner: Someone, office: Someone
) -> None:
    hand_in = ("submission", "hand-in", SLUG, TARGETS)
    first = running.ask(*hand_in, "--text", "一稿", as_=owner)
    assert (first["state"], first["submission"]["version"]) == ("待审", 1)
    running.at("2017-04-19T10:00:00")
    about = (SLUG, TARGETS, "--unit", owner.unit)
    back = running.ask("submission", "send-back", *about, "--reason", "没有数字", as_=office)
    assert (back["state"], back["due"]) == ("退回", "2017-04-24")
    running.at("2017-04-24T10:00:00")
    again = running.ask(*hand_in, "--text", "二稿", as_=owner)
    assert (again["state"], again["submission"]["version"]) == ("待审", 2)
    done = running.ask("submission", "accept", *about, as_=office)
    assert done["state"] == "已收"
    assert done["first_received_at"] == first["first_received_at"] == "2017-04-14T10:00:00+08:00"
    status = running.ask("campaign", "status", SLUG)
    assert (status["counts"]["received"], status["counts"]["on_time"]) == (1, 1)


def test_the_oldest_period_still_open_is_meant(running: Terminal, owner: Someone) -> None:
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    first = running.ask("submission", "hand-in", SLUG, ARTICLE, "--text", "稿", as_=owner)
    assert (first["period"], first["state"]) == ("2017-W15", "已收")
    second = running.ask("submission", "hand-in", SLUG, ARTICLE, "--text", "稿", as_=owner)
    assert second["period"] == "2017-W16"


@pytest.mark.parametrize("period", ["2017-W16", "2017年第16周"])
def test_another_period_is_named(running: Terminal, owner: Someone, period: str) -> None:
    running.at("2017-04-17T09:00:00")
    running.ask("tick")
    typed = ("submission", "hand-in", SLUG, ARTICLE, "--text", "稿", "--period", period)
    assert running.ask(*typed, as_=owner)["period"] == "2017-W16"
    said = running.refused(*typed[:-1], "2017-W30", as_=owner)
    assert "没有“每周稿件”这一应报件" in said


def test_what_a_post_owes_is_found_by_its_unit_or_its_holder(
    running: Terminal, office: Someone
) -> None:
    typed = ("submission", "exempt", SLUG, "个人心得体会", "--reason", "病假")
    by_unit = running.ask(*typed, "--unit", "云川市第一中学", as_=office)
    assert by_unit["unit"] == "云川市第一中学·沈云帆"
    by_name = running.ask(*typed, "--respondent", "朱晓岚", as_=office)
    assert by_name["unit"] == "云川市第二中学·朱晓岚"
    both = running.refused(*typed, "--unit", "第一中学", "--respondent", "朱晓岚", as_=office)
    assert both.startswith("--unit 和 --respondent 只写一个。")


def test_another_unit_hands_in_only_with_the_reason(
    running: Terminal, owner: Someone, colleague: Someone
) -> None:
    typed = ("submission", "hand-in", SLUG, TARGETS, "--unit", owner.unit, "--text", "目标")
    said = running.refused(*typed, as_=colleague)
    assert said == f"{colleague.name}不属于“{owner.unit}”，代报请写明理由。"
    assert row(running, TARGETS, owner.unit)["state"] == "待报"
    done = running.ask(*typed, "--on-behalf", "该校停网", as_=colleague)
    assert done["submission"]["on_behalf_why"] == "该校停网"


def test_after_the_lock_nothing_is_taken(running: Terminal, owner: Someone) -> None:
    running.at("2017-07-03T10:00:00")
    said = running.refused("submission", "hand-in", SLUG, TARGETS, "--text", "目标", as_=owner)
    assert said.endswith("已经锁定（未报），不再接收；请与活动办联系。")
    assert submissions(running) == 0


def test_empty_handed_is_refused(running: Terminal, owner: Someone) -> None:
    said = running.refused("submission", "hand-in", SLUG, TARGETS, as_=owner)
    assert said == "报送内容是空的；请写明文字或附上文件。"


def test_exempted_it_is_owed_no_more(running: Terminal, office: Someone, owner: Someone) -> None:
    about = (SLUG, TARGETS, "--unit", owner.unit)
    done = running.ask("submission", "exempt", *about, "--reason", "整体搬迁", as_=office)
    assert done["state"] == "免报"
    assert running.ask("campaign", "status", SLUG)["counts"]["exempt"] == 1
    said = running.refused("submission", "accept", *about, as_=office)
    assert "现在是“免报”，没有待审的报送。" in said


def test_an_event_opens_a_row_for_everyone_asked(running: Terminal, office: Someone) -> None:
    opened = running.ask("submission", "open", SLUG, "s1-o11", as_=office)
    assert opened["period"] == "event-1"
    assert len(opened["obligations"]) == 27
    said = running.refused("submission", "open", SLUG, TARGETS, as_=office)
    assert "不是随事、定期或不定期的事项" in said


def test_the_list_is_narrowed_down(running: Terminal, owner: Someone) -> None:
    running.ask("submission", "hand-in", SLUG, TARGETS, "--text", "目标", as_=owner)
    waiting = running.ask("submission", "list", "--campaign", SLUG, "--state", "待审")
    assert [(one["item"], one["unit"]) for one in waiting] == [(TARGETS, owner.unit)]
    running.at("2017-04-21T00:00:00")
    late = running.ask("submission", "list", "--overdue")
    assert {(one["item"], one["days_late"]) for one in late} == {
        *{("s1-o01", 11), ("s1-o02", 11)},
        *{(ARTICLE, 5), (TARGETS, 1)},
    }
    assert owner.unit not in {one["unit"] for one in late if one["item"] == TARGETS}
    assert "2017-04-20 周四" in running.type("submission", "list", "--overdue").stdout


class TestFiles:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        file = tmp_path / "目标.docx"
        file.write_bytes(b"target")
        return file

    def hand_in(self, *files: str | Path) -> list[str | Path]:
        options = [word for file in files for word in ("--file", file)]
        return ["submission", "hand-in", SLUG, TARGETS, *options]

    def test_are_kept_once_under_their_hash(
        self, running: Terminal, owner: Someone, colleague: Someone, file: Path
    ) -> None:
        done = running.ask(*self.hand_in(file), as_=owner)
        running.ask(*self.hand_in(file), as_=colleague)
        sha256 = hashlib.sha256(b"target").hexdigest()
        expected = {"name": "目标.docx", "sha256": sha256, "size": 6}
        assert done["submission"]["files"] == [expected]
        assert kept(running) == [running.home / "files" / sha256[:2] / sha256]
        assert kept(running)[0].read_bytes() == b"target"

    def test_of_no_bytes_are_refused(
        self, running: Terminal, owner: Someone, file: Path, tmp_path: Path
    ) -> None:
        nothing = tmp_path / "空.docx"
        nothing.touch()
        said = running.refused(*self.hand_in(file, nothing), as_=owner)
        assert said == "空.docx 是空文件（0 字节）；请核对后重试。"
        assert (kept(running), submissions(running)) == ([], 0)

    def test_over_the_limit_are_refused(
        self, running: Terminal, owner: Someone, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DUBAN_MAX_FILE_BYTES", "6")
        running.ask(*self.hand_in(file), as_=owner)
        file.write_bytes(b"targets")
        said = running.refused(*self.hand_in(file), as_=owner)
        assert "超过单个附件的上限" in said
        assert submissions(running) == 1

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("../目标.docx", "里不能有 ../ 这样的路径"),
            ("a/../目标.docx", "里不能有 ../ 这样的路径"),
            ("..\\目标.docx", "里不能有 ../ 这样的路径"),
            ("目标\x07.docx", "看不见的控制字符"),
            ("目标\n.docx", "看不见的控制字符"),
            ("目" * 100 + ".docx", "名称太长"),
            ("没有.docx", "没有这个文件或目录"),
            (".", "这是目录，不是文件"),
        ],
    )
    def test_with_a_name_that_will_not_do_are_refused(
        self,
        running: Terminal,
        owner: Someone,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        why: str,
    ) -> None:
        (tmp_path / "a").mkdir()
        monkeypatch.chdir(tmp_path)
        assert why in running.refused(*self.hand_in(name), as_=owner)
        assert (kept(running), submissions(running)) == ([], 0)

    def test_are_gone_again_when_the_hand_in_is_refused(
        self, running: Terminal, owner: Someone, colleague: Someone, file: Path
    ) -> None:
        wrong = [*self.hand_in(file), "--unit", owner.unit]
        assert "代报请写明理由" in running.refused(*wrong, as_=colleague)
        assert (kept(running), submissions(running)) == ([], 0)

    def test_are_gone_again_when_the_disk_is_full(
        self, running: Terminal, owner: Someone, file: Path
    ) -> None:
        def fill(connection: Any, _record: ConnectionPoolEntry) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

        long = "长" * 100_000
        event.listen(Engine, "connect", fill)
        try:
            said = running.refused(*self.hand_in(file), "--text", long, as_=owner)
        finally:
            event.remove(Engine, "connect", fill)
        assert said == "磁盘已满，这次没有写入任何内容；请腾出空间后重试。"
        assert (kept(running), submissions(running)) == ([], 0)
        assert row(running, TARGETS, owner.unit)["state"] == "待报"

    def test_placed_are_taken_back_when_the_last_step_fails(
        self,
        running: Terminal,
        owner: Someone,
        colleague: Someone,
        file: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        running.ask(*self.hand_in(file), as_=colleague)
        other = file.with_name("另一份.docx")
        other.write_bytes(b"other")
        commit = config_database.Session.commit
        calls: list[int] = []

        def fails_at_last(session: Any) -> None:
            calls.append(1)
            if len(calls) == 2:  # the first ends the looking up, before files are copied
                raise OSError(28, "No space left on device")
            commit(session)

        with monkeypatch.context() as patched:
            patched.setattr(config_database.Session, "commit", fails_at_last)
            said = running.refused(*self.hand_in(file, other), as_=owner)
        assert "磁盘已满" in said
        assert submissions(running) == 1
        assert [file.read_bytes() for file in kept(running)] == [b"target"]


def test_while_another_writes_it_waits_and_then_says_so(
    running: Terminal, owner: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config_database, "BUSY_TIMEOUT_MS", 50)
    other = running.database()
    with other.writing() as session:
        session.execute(select(Submission.id))
        said = running.refused("submission", "hand-in", SLUG, TARGETS, "--text", "a", as_=owner)
    other.close()
    assert said == "数据库正被另一个程序占用，这次没有写入任何内容；请稍后重试。"
    assert submissions(running) == 0
