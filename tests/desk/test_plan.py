from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ledger.plan_schema import plan_schema
from tests.conftest import BUREAU, PLAN
from tests.desk.conftest import Terminal

CLASS_LINE = "局属各单位: {classes: [局属学校, 直属机构]}"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A copy of 敢转争 with the notice beside it."""
    file = tmp_path / "plan.yaml"
    shutil.copy(PLAN, file)
    shutil.copytree(PLAN.parent / "attachments", tmp_path / "attachments")
    return file


def bent(plan: Path, old: str, new: str) -> Path:
    text = plan.read_text(encoding="utf-8")
    assert old in text
    plan.write_text(text.replace(old, new, 1), encoding="utf-8")
    return plan


def test_a_sound_plan_tells_the_load_of_each_class_and_week(bare: Terminal, plan: Path) -> None:
    found = bare.ask("plan", "check", plan)
    assert (found["ok"], found["faults"], found["missing"]) == (True, [], [])
    articles = {row["week"]: row["hand_ins"] for row in found["burden"]["rows"]}
    assert "2017-W40" not in articles
    assert found["burden"]["in_all"]["局属学校"] == 18 * found["burden"]["per_unit"]["局属学校"]
    said = bare.type("plan", "check", plan).stdout
    assert "局属学校（18家）" in said
    assert "自带的虚构单位表里的 42 个单位" in said


@pytest.mark.parametrize("file", sorted(PLAN.parent.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_plan_brought_along_is_sound_and_its_load_is_told(bare: Terminal, file: Path) -> None:
    found = bare.ask("plan", "check", file)
    assert (found["ok"], found["faults"], found["missing"]) == (True, [], [])
    assert found["burden"]["rows"]
    assert any("等活动办定期" in note for note in found["notes"])


def test_what_a_plan_says_beside_its_dates_is_told(bare: Terminal) -> None:
    said = bare.type("plan", "check", PLAN.with_name("yi-chuang-shuang-you-2011.yaml")).stdout
    assert "接续活动 yi-chuang-shuang-you-2010" in said
    assert "1 项是上级单位的事，只记在日历上：“大聚焦”专栏（每周）。" in said


def test_the_spelling_of_a_plan_is_told_as_a_json_schema(bare: Terminal) -> None:
    told = bare.type("plan", "schema").stdout
    assert json.loads(told) == bare.ask("plan", "schema") == plan_schema()
    assert told == PLAN.with_name("plan.schema.json").read_text(encoding="utf-8")


def test_a_notice_that_is_not_there_is_missed(bare: Terminal, plan: Path) -> None:
    (plan.parent / "attachments" / "gan-zhuan-zheng-2017.txt").unlink()
    (missing,) = bare.ask("plan", "check", plan)["missing"]
    assert "gan-zhuan-zheng-2017.txt 不在方案旁边" in missing


def test_a_blank_form_that_is_not_there_is_missed(bare: Terminal, plan: Path) -> None:
    (plan.parent / "attachments" / "问题整改台账.xlsx").unlink()
    (missing,) = bare.ask("plan", "check", plan)["missing"]
    assert missing.startswith("“整改台账备案”的空白表格 attachments/问题整改台账.xlsx 不在方案旁边")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("short: 敢转争", "shrt: 敢转争", "不认得“shrt”这个键；应当是“short”吗？"),
        (
            "from: 2017-04, until: 2017-06-30}",
            "from: 2017-07, until: 2017-06-30}",
            "在开始（2017-07-01）之前就结束（2017-06-30）",
        ),
        (CLASS_LINE, "局属各单位: {classes: [局属学校, 乡镇]}", "没有一个单位属于类别“乡镇”"),
        (
            "due: 2017-04-28",
            "due: 2017-04-31",
            "2017-04-31",
        ),
    ],
)
def test_a_fault_is_told_with_its_file_and_line(
    bare: Terminal, plan: Path, old: str, new: str, fault: str
) -> None:
    result = bare.type("plan", "check", bent(plan, old, new))
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert any(fault in line for line in lines), lines
    for line in lines:
        assert line.startswith(f"{plan}:")
        assert int(line.removeprefix(f"{plan}:").split(":")[0]) > 0


def test_faults_are_data_too(bare: Terminal, plan: Path) -> None:
    bent(plan, "short: 敢转争", "shrt: 敢转争")
    result = bare.type("plan", "check", plan, "--json")
    assert result.exit_code == 1
    assert '"ok": false' in result.stdout
    assert '"line": ' in result.stdout


def test_the_bureau_s_own_units_can_be_counted(bare: Terminal, plan: Path, tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    lines = (BUREAU / "units.csv").read_text(encoding="utf-8").splitlines()
    units.write_text("\n".join(line for line in lines if "第六中学" not in line), encoding="utf-8")
    load = bare.ask("plan", "check", plan, "--units", units)["burden"]
    assert load["in_all"]["局属学校"] == 17 * load["per_unit"]["局属学校"]


@pytest.mark.parametrize("name", ["没有.yaml", "."])
def test_what_is_no_file_is_said(bare: Terminal, tmp_path: Path, name: str) -> None:
    assert str(tmp_path) in bare.refused("plan", "check", tmp_path / name)
