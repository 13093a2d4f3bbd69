from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ledger.audit import Act, Audit
from ledger.campaigns import Campaign, Decision
from tests.conftest import PLAN, Someone
from tests.desk.conftest import SLUG, Terminal


def by_item(rows: list[dict[str, Any]], item: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["item"] == item]


def stage(desk: Terminal, key: str) -> dict[str, Any]:
    found = desk.ask("campaign", "status", SLUG)["stages"]
    return next(row for row in found if row["key"] == key)


def decisions(desk: Terminal) -> int:
    database = desk.database()
    with database.reading() as session:
        number = session.scalar(select(func.count(Decision.id))) or 0
    database.close()
    return number


def test_a_launch_lists_the_fixed_dates_that_have_passed(desk: Terminal, office: Someone) -> None:
    launched = desk.ask("campaign", "launch", PLAN, as_=office)
    assert (launched["slug"], launched["state"]) == (SLUG, "进行中")
    assert [(row["item"], row["due"], row["answer"]) for row in launched["fixed_dates"]] == [
        ("s1-o01", "2017-04-10", "keep"),
        ("s1-o02", "2017-04-10", "keep"),
    ]
    assert [row["slug"] for row in desk.ask("campaign", "status")] == [SLUG]


def test_a_passed_date_is_moved_or_dropped_as_answered(desk: Terminal, office: Someone) -> None:
    answers = ("--move", "s1-o01=2017-05-10", "--drop", "s1-o02", "--reason", "通知到得晚")
    launched = desk.ask("campaign", "launch", PLAN, *answers, as_=office)
    assert [(row["answer"], row["moved_to"]) for row in launched["fixed_dates"]] == [
        ("move", "2017-05-10"),
        ("drop", None),
    ]
    desk.ask("tick")
    rows = desk.ask("submission", "list")
    assert {row["due"] for row in by_item(rows, "s1-o01")} == {"2017-05-10"}
    assert by_item(rows, "s1-o02") == []
    database = desk.database()
    with database.reading() as session:
        notes = session.scalars(select(Audit.note).where(Audit.act == Act.FIXED_DATE)).all()
    database.close()
    assert any("通知到得晚" in note for note in notes)


def test_on_a_terminal_each_passed_date_is_asked_about(
    desk: Terminal, office: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.workplace.at_a_terminal", lambda: True)
    result = desk.type("campaign", "launch", PLAN, as_=office, answers="m\n2017-05-10\nd\n")
    assert result.exit_code == 0, result.output
    assert "s1-o01 本单位动员部署（2017-04-10）：k 保留，m 改期，d 不再要求" in result.output
    desk.ask("tick")
    rows = desk.ask("submission", "list")
    assert {row["due"] for row in by_item(rows, "s1-o01")} == {"2017-05-10"}
    assert by_item(rows, "s1-o02") == []


def test_an_answer_about_another_item_is_refused(desk: Terminal, office: Someone) -> None:
    said = desk.refused("campaign", "launch", PLAN, "--keep", "s1-o03", as_=office)
    assert said == "事项 s1-o03 没有已过或临近的固定日期；是不是 s1-o02？"
    twice = ("--keep", "s1-o01", "--drop", "s1-o01")
    assert "写了两次" in desk.refused("campaign", "launch", PLAN, *twice, as_=office)
    assert desk.ask("campaign", "status") == []


def test_a_slug_is_launched_once(running: Terminal, office: Someone) -> None:
    said = running.refused("campaign", "launch", PLAN, as_=office)
    assert said.startswith(f"编号 {SLUG} 已由")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"name: [", ":1: "),
        ("活动".encode("gb18030"), "不是 UTF-8 编码的文本"),
        (b"", ":1: "),
    ],
)
def test_a_file_that_is_no_plan_launches_nothing(
    desk: Terminal, office: Someone, tmp_path: Path, content: bytes, fault: str
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(content)
    result = desk.type("campaign", "launch", file, as_=office)
    assert result.exit_code == 1
    assert fault in result.stderr
    assert desk.ask("campaign", "status") == []


def test_a_class_no_unit_has_is_a_fault_with_its_line(
    desk: Terminal, office: Someone, tmp_path: Path
) -> None:
    file = tmp_path / "plan.yaml"
    text = PLAN.read_text(encoding="utf-8")
    file.write_text(text.replace("[局属学校, 直属机构]", "[局属学校, 乡镇]"), encoding="utf-8")
    result = desk.type("campaign", "launch", file, as_=office)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{file}:")
    assert "没有一个单位属于类别“乡镇”" in result.stderr
    assert desk.ask("campaign", "status") == []


def test_status_counts_what_is_owed_and_names_what_waits(running: Terminal, owner: Someone) -> None:
    before = stage(running, "problems")["counts"]
    running.ask("submission", "hand-in", SLUG, "s1-o12", "--text", "台账", as_=owner)
    status = running.ask("campaign", "status", SLUG)
    after = stage(running, "problems")["counts"]
    assert before["received"] == 0
    assert (after["owed"], after["received"], after["on_time"]) == (before["owed"], 1, 1)
    assert status["counts"]["owed"] == sum(row["counts"]["owed"] for row in status["stages"])
    waiting = {row["what"]: row["count"] for row in status["waiting_for_office"]}
    assert waiting["报送待审"] == 1
    assert "等活动办办理的事" in running.type("campaign", "status", "敢转争").stdout


@pytest.mark.parametrize(
    ("moment", "on_time"), [("2017-04-20T23:59:59", 1), ("2017-04-21T00:00:00", 0)]
)
def test_on_time_ends_at_midnight_of_the_due_date(
    running: Terminal, owner: Someone, moment: str, on_time: int
) -> None:
    running.at(moment)
    running.ask("submission", "hand-in", SLUG, "s1-o17", "--text", "目标", as_=owner)
    counts = stage(running, "goals")["counts"]
    assert (counts["received"], counts["on_time"]) == (1, on_time)


def test_a_decision_is_carried_out_by_the_command_itself(
    running: Terminal, office: Someone
) -> None:
    running.at("2017-04-20T18:00:00")
    done = running.ask("campaign", "decide", SLUG, "goals", as_=office)
    assert (done["move"], done["stage_state"], done["by"]) == ("转段", "已转段", office.name)
    assert done["carried_out_at"] == "2017-04-20T18:00:00+08:00"
    assert stage(running, "goals")["state"] == "已转段"


def test_moving_on_early_needs_a_reason(running: Terminal, office: Someone) -> None:
    said = running.refused("campaign", "decide", SLUG, "拉高标杆", as_=office)
    assert "提前转段请写明理由" in said
    running.ask("campaign", "decide", SLUG, "拉高标杆", "--reason", "都已报齐", as_=office)


def test_a_stage_that_is_not_open_cannot_be_moved_on(running: Terminal, office: Someone) -> None:
    running.ask("campaign", "decide", SLUG, "goals", "--reason", "报齐", as_=office)
    before = decisions(running)
    said = running.refused("campaign", "decide", SLUG, "goals", "--reason", "再来", as_=office)
    assert said == "阶段“（三）拉高标杆、争先创优”现在是“已转段”，不能转段；请先看活动状态。"
    assert decisions(running) == before


def test_a_stage_is_named_as_people_name_it_or_not_at_all(
    running: Terminal, office: Someone
) -> None:
    said = running.refused("campaign", "decide", SLUG, "整改工作", as_=office)
    assert said.startswith("没有“整改工作”这个阶段；")
    assert "rectification" in said or "问题整改" in said
    assert "可能是好几个阶段" in running.refused("campaign", "decide", SLUG, "、", as_=office)


def test_an_extension_lists_the_fixed_dates_it_does_not_move(
    running: Terminal, office: Someone
) -> None:
    typed = ("campaign", "extend", SLUG, "publicity", "2017-05-31", "--reason", "展期")
    done = running.ask(*typed, as_=office)
    assert (done["due"], [row["item"] for row in done["fixed_dates"]]) == (
        "2017-05-31",
        ["s1-o01", "s1-o02"],
    )
    assert stage(running, "publicity")["due"] == "2017-05-31"


def test_paused_twice_is_refused_and_leaves_no_decision(running: Terminal, office: Someone) -> None:
    running.ask("campaign", "pause", SLUG, "--reason", "迎检", as_=office)
    before = decisions(running)
    said = running.refused("campaign", "pause", SLUG, "--reason", "迎检", as_=office)
    assert "现在是“已暂停”" in said
    assert decisions(running) == before
    done = running.ask("campaign", "resume", SLUG, as_=office)
    assert done["campaign_state"] == "进行中"


def test_a_closed_campaign_takes_no_decision(running: Terminal, office: Someone) -> None:
    assert running.ask("campaign", "close", SLUG, as_=office)["campaign_state"] == "已结束"
    said = running.refused("campaign", "resume", SLUG, as_=office)
    assert said == "活动“敢转争”已结束，不能再作决定。"


def test_a_campaign_is_found_by_a_part_of_its_name(running: Terminal) -> None:
    assert running.ask("campaign", "status", "敢转")["slug"] == SLUG
    said = running.refused("campaign", "status", "gan-zhuan-zhen-2018")
    assert said == f"没有“gan-zhuan-zhen-2018”这个活动；是不是“{SLUG}”。"


class TestWhoActs:
    def test_nobody_is_refused(self, desk: Terminal) -> None:
        said = desk.refused("campaign", "launch", PLAN)
        assert said == "没有写明以哪个岗位操作：请加 --as 岗位，或用 DUBAN_AS 设好。"

    def test_the_setting_speaks_where_the_option_is_silent(
        self, desk: Terminal, office: Someone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DUBAN_AS", office.name)
        desk.ask("campaign", "launch", PLAN)
        database = desk.database()
        with database.reading() as session:
            launched = session.scalars(select(Audit).where(Audit.act == Act.LAUNCHED)).one()
            assert launched.by_post_id == office.post_id
            assert launched.system_user
            assert session.scalars(select(Campaign.slug)).all() == [SLUG]
        database.close()

    def test_a_role_several_hold_is_refused_with_those_who_hold_it(self, desk: Terminal) -> None:
        said = desk.refused("campaign", "launch", PLAN, as_="活动办")
        assert said.startswith("“活动办”有 2 个岗位，请写编号：")
        assert "局活动办/活动办 褚南星、" in said

    @pytest.mark.parametrize("word", ["系统管理员", "局党办/主要负责人", "褚南星"])
    def test_a_role_one_person_holds_or_a_unit_and_role_or_a_name_will_do(
        self, desk: Terminal, word: str
    ) -> None:
        assert desk.ask("campaign", "launch", PLAN, as_=word)["slug"] == SLUG

    def test_a_person_unknown_is_refused_with_near_names(self, desk: Terminal) -> None:
        said = desk.refused("campaign", "launch", PLAN, as_="褚南")
        assert said == "没有“褚南”这个岗位；是不是“褚南星”。"

    def test_a_post_that_has_ended_cannot_act(self, desk: Terminal, tmp_path: Path) -> None:
        table = tmp_path / "posts.csv"
        table.write_text("姓名,角色,手机,止\n旧人,活动办,138,2017-04-13\n", encoding="utf-8")
        desk.ask("posts", "import", table)
        said = desk.refused("campaign", "launch", PLAN, as_="旧人")
        assert "在 2017-04-14 不在任" in said
