"""Bad plans: each fault has its file, line, field, what is wrong and what would be right."""

from __future__ import annotations

import re

import pytest

from ledger.plan import PlanError, read_plan
from tests.ledger.plans import HEAD, ITEM, WHO, faults_of, only_fault, plan_of, plan_text

pytestmark = pytest.mark.no_ledger

STAGES = "stages:\n"
FIRST_ITEM = plan_text(items="").count("\n") + 1
FIRST_STAGE = FIRST_ITEM  # `stages:` stands where `items:` would


def item_fault(item: str, rest: str = "") -> str:
    """The one fault of a plan with this item, without the file and the line."""
    return only_fault(plan_text(rest=rest, items=f"  - {{{item}}}\n")).split(" ", 1)[1]


def stage_faults(*stages: str) -> list[str]:
    text = plan_text(rest=STAGES + "".join(f"  - {{{stage}}}\n" for stage in stages))
    return [str(fault) for fault in faults_of(text)]


def test_the_plan_these_tests_bend_has_no_fault() -> None:
    assert faults_of(plan_text()) == []


def test_an_unknown_key_is_named_and_the_nearest_known_one_suggested() -> None:
    text = plan_text(items="  - id: x\n    what: 总结\n    who: [各单位]\n    untill: 2017-06\n")
    assert only_fault(text) == (
        f"plan.yaml:{FIRST_ITEM + 3}: items[x].untill：不认得“untill”这个键；应当是“until”吗？"
    )


def test_an_unknown_key_near_none_gets_the_list_of_those_known() -> None:
    fault = only_fault(plan_text(who=WHO + "  校友: {人数: 3, role: 联络员}\n"))
    assert "addressees.校友.人数" in fault
    assert "应当是其中之一：classes、units、role、each_person、external" in fault


def test_a_stage_that_ends_before_it_starts() -> None:
    assert stage_faults("id: a, name: 甲, from: 2017-05, until: 2017-04") == [
        f"plan.yaml:{FIRST_STAGE}: stages[a].until："
        "在开始（2017-05-01）之前就结束（2017-04-30）；应当不早于 from"
    ]


def test_an_item_whose_window_is_reversed() -> None:
    fault = item_fault("id: x, what: 总结, who: [各单位], from: 2017-05, until: 2017-04-30")
    assert fault.startswith("items[x].until：在开始（2017-05-01）之前就结束（2017-04-30）")


def test_a_window_of_one_day_is_no_fault() -> None:
    plan = plan_of(items=ITEM.replace("due: 2017-06-30", "from: 2017-05-01, until: 2017-05-01"))
    assert plan.items[0].first == plan.items[0].last


def test_a_date_that_does_not_exist_has_its_line() -> None:
    text = plan_text(items="  - id: x\n    what: 总结\n    who: [各单位]\n    due: 2017-02-30\n")
    assert only_fault(text) == (
        f"plan.yaml:{FIRST_ITEM + 3}: items[x].due："
        "“2017-02-30”这个日期不存在；应当是日历上有的日期，请对照通知原文"
    )


@pytest.mark.parametrize(
    ("rungs", "field", "wrong"),
    [
        ("[]", "ladders.mine", "这个逐级提醒一级也没有"),
        ("[{at: 1, to: []}]", "ladders.mine[1].to", "这一级没有写提醒谁"),
        ("[{at: 1, to: [局长]}]", "ladders.mine[1].to[1]", "不认得“局长”"),
        ("[{at: 1, to: [联络]}]", "ladders.mine[1].to[1]", "不认得“联络”；应当是“联络员”吗？"),
        ("[{at: 1}]", "ladders.mine[1].to", "没有写；应当补上"),
        (
            "[{at: 3, to: [联络员]}, {at: 3, to: [责任领导]}]",
            "ladders.mine",
            "第1级（at: 3）不晚于下面一级（at: 3）",
        ),
        (
            "[{at: 1, to: [联络员], every: 2}, {at: 3, to: [责任领导]}]",
            "ladders.mine",
            "第0级不是最高一级却写了 every",
        ),
        ("[{at: 1, to: [联络员], every: 0}]", "ladders.mine[1].every", "0 太小"),
        ("[{at: 1000, to: [联络员]}]", "ladders.mine[1].at", "1000 太大；应当不大于 999"),
        ("联络员", "ladders.mine", "这不是逐级提醒"),
    ],
)
def test_a_ladder_that_goes_nowhere(rungs: str, field: str, wrong: str) -> None:
    fault = only_fault(plan_text(rest=f"ladders:\n  mine: {rungs}\n"))
    assert fault.startswith(f"plan.yaml:{FIRST_ITEM}: {field}：{wrong}")


def test_an_item_on_a_broken_ladder_is_not_blamed_for_it() -> None:
    items = ITEM.replace("due", "ladder: mine, due")
    fault = only_fault(plan_text(rest="ladders:\n  mine: []\n", items=items))
    assert "一级也没有" in fault


def test_stages_that_wait_for_each_other() -> None:
    faults = stage_faults(
        "id: a, name: 甲, opens: {after: [b]}",
        "id: b, name: 乙, opens: {after: [a]}",
    )
    assert len(faults) == 1
    assert re.search(r"stages\[(a|b)\]：阶段互相等待，谁也启动不了：", faults[0])


def test_a_stage_that_waits_for_itself() -> None:
    assert "a → a" in stage_faults("id: a, name: 甲, opens: {after: [a]}")[0]


def test_a_written_order_that_contradicts_the_order_read_from_the_windows() -> None:
    faults = stage_faults(
        "id: a, name: 甲, from: 2017-03, until: 2017-04, opens: {after: [b]}",
        "id: b, name: 乙, from: 2017-05, until: 2017-06",
    )
    assert ["阶段互相等待" in fault for fault in faults] == [True]


def test_stages_that_lie_inside_each_other() -> None:
    faults = stage_faults("id: a, name: 甲, parent: b", "id: b, name: 乙, parent: a")
    assert ["阶段互相等待" in fault for fault in faults] == [True]


def test_two_rings_of_stages_are_two_faults() -> None:
    faults = stage_faults(
        "id: a, name: 甲, opens: {after: [b]}",
        "id: b, name: 乙, opens: {after: [a]}",
        "id: c, name: 丙, opens: {after: [d]}",
        "id: d, name: 丁, opens: {after: [c]}",
    )
    assert len(faults) == 2


@pytest.mark.parametrize(
    ("stage", "field", "wrong"),
    [
        ("parent: b", "parent", "没有“b”这个阶段"),
        ("opens: {after: [b]}", "opens", "没有“b”这个阶段"),
        ("opens: date", "opens", "要按日期启动，却没有写 from；应当补上 from"),
        ("opens: 领导定", "opens", "看不懂这个启动方式；应当写 date、office 或"),
        ("opens: {after: []}", "opens", "看不懂这个启动方式"),
        ("from: campaign_end", "from", "“campaign_end”不是认得的日期"),
    ],
)
def test_a_stage_with_one_fault(stage: str, field: str, wrong: str) -> None:
    faults = stage_faults(f"id: a, name: 甲, {stage}")
    assert len(faults) == 1
    assert faults[0].startswith(f"plan.yaml:{FIRST_STAGE}: stages[a].{field}：{wrong}")


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("who: [各单位们]", "items[x].who[1]：addressees 里没有“各单位们”这个称呼；应当是“各单位”"),
        ("who: 各单位", "items[x].who：这里不是列表；应当写成 [甲, 乙]，只有一个也要加方括号"),
        ("who: []", "items[x].who：这一事项没有人报送；应当写明由谁报送"),
        ("who: [各单位], stage: a", "items[x].stage：没有“a”这个阶段"),
        ("who: [各单位], ladder: submision", "items[x].ladder：没有“submision”这个逐级提醒"),
        ("who: [各单位], quota: 0", "items[x].quota：0 太小；应当不小于 1"),
        ("who: [各单位], quota: {min: 3, max: 2}", "items[x].quota：最多 2 少于最少 3"),
        ("who: [各单位], quota: 两篇", "items[x].quota：“两篇”不是数量；应当写整数"),
        ("who: [各单位], cycle: 每周", "items[x].cycle：不认得“每周”；应当是其中之一：once、daily"),
        ("who: [各单位], cycle: weakly", "items[x].cycle：不认得“weakly”；应当是“weekly”吗？"),
        ("who: [各单位], due: stage_end", "items[x].due：要随阶段定日期，却没有写 stage"),
        ("who: [各单位], due: opened+3", "items[x].due：要随阶段定日期，却没有写 stage"),
        ("who: [各单位], passed: 再说", "items[x].passed：看不懂这个处理办法"),
        ("who: [各单位], passed: {move: 2017-02-30}", "items[x].passed.move：“2017-02-30”这个日期"),
        ("who: [各单位], review: 也许", "items[x].review：这里不是是非；应当写 true 或 false"),
        ("who: [各单位], correction_days: 三天", "items[x].correction_days：这里不是整数"),
        ("who: [各单位], note: 3", "items[x].note：这里不是文字；应当写文字，纯数字请加引号"),
    ],
)  # fmt: skip
def test_an_item_with_one_fault(item: str, fault: str) -> None:
    assert item_fault(f"id: x, what: 总结, {item}").startswith(fault)


def test_an_item_without_what_is_asked() -> None:
    assert item_fault("id: x, who: [各单位]") == "items[x].what：没有写；应当补上"
    assert item_fault("id: x, what: '', who: [各单位]").startswith("items[x].what：这里是空的")


def test_one_id_used_twice() -> None:
    fault = only_fault(plan_text(items=ITEM + ITEM))
    assert fault.startswith(
        f"plan.yaml:{FIRST_ITEM + 1}: items[report].id：编号“report”前面已经用过"
    )
    assert stage_faults("id: a, name: 甲", "id: a, name: 乙")[0].endswith("应当每项用自己的编号")


def test_no_items_at_all() -> None:
    head = f"{HEAD}{WHO}"
    assert only_fault(head + "items: []\n").endswith("items：一项也没有；应当至少写一项")
    assert only_fault(head).endswith("items：没有写；应当补上")


def test_an_addressee_that_means_nobody() -> None:
    who = WHO + "  大家: {each_person: true}\n"
    assert "addressees.大家：没有指向任何人" in only_fault(plan_text(who=who))


def test_addressees_that_name_each_other_in_a_ring() -> None:
    who = WHO + "  甲方: {classes: [乙方]}\n  乙方: {classes: [甲方]}\n"
    assert "称呼互相引用" in only_fault(plan_text(who=who))


def test_one_matter_asked_twice_with_neither_the_narrower() -> None:
    items = (
        "  - {id: x, what: 月报, who: [各学校], matter: 汇报}\n"
        "  - {id: y, what: 季报, who: [各学校], matter: 汇报}\n"
    )
    faults = [str(fault) for fault in faults_of(plan_text(items=items))]
    assert [fault.split("：")[0].split()[-1] for fault in faults] == [
        "items[x].matter",
        "items[y].matter",
    ]
    assert all("“学校”报送，分不出谁的范围更窄" in fault for fault in faults)


def test_two_addressees_that_only_overlap_are_not_nested() -> None:
    who = WHO + "  学校和医院: {classes: [学校, 医院]}\n"
    items = (
        "  - {id: x, what: 月报, who: [各单位], matter: 汇报}\n"
        "  - {id: y, what: 季报, who: [学校和医院], matter: 汇报}\n"
    )
    assert len(faults_of(plan_text(who=who, items=items))) == 2


def test_an_item_of_which_narrower_ones_leave_nothing() -> None:
    who = WHO + "  各机构: {classes: [机构]}\n"
    items = (
        "  - {id: x, what: 季报, who: [各单位], matter: 汇报}\n"
        "  - {id: y, what: 月报, who: [各学校], matter: 汇报}\n"
        "  - {id: z, what: 周报, who: [各机构], matter: 汇报}\n"
    )
    fault = only_fault(plan_text(who=who, items=items))
    assert "items[x].who：这一事项没有人报送；范围更窄的事项已全部承担" in fault


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        (HEAD.replace("du-shu", "读书"), "slug：编号写法不对；应当只用小写英文字母、数字和短横线"),
        (HEAD + "timezone: 北京\n", "timezone：没有“北京”这个时区；应当写时区名，如 Asia/Shanghai"),
        (HEAD + "roll: later\n", "roll：不认得“later”；应当是其中之一：none、next、previous"),
        (HEAD + "launched: 2017-05\nends: 2017-04\n", "ends：活动在启动（2017-05-31）之前结束"),
        (HEAD.replace("{title: 关于开展读书活动的通知, ", "{"), "document.title：没有写；应当补上"),
    ],
)
def test_a_plan_whose_head_has_one_fault(head: str, fault: str) -> None:
    assert only_fault(plan_text(head=head)).split(" ", 1)[1].startswith(fault)


def test_all_faults_are_found_at_once_in_the_order_of_the_file() -> None:
    text = plan_text(
        head=HEAD + "colour: 红\n",
        rest=(
            "ladders:\n  mine: []\n"
            "stages:\n"
            "  - {id: a, name: 甲, from: 2017-05, until: 2017-04}\n"
            "  - {id: b, name: 乙, opens: {after: [c]}}\n"
            "  - {id: c, name: 丙, opens: {after: [b]}}\n"
        ),
        items=(
            "  - {id: x, what: 总结, who: [各单位], due: 2017-02-30}\n"
            "  - {id: y, what: 总结, who: [各界], quota: 0}\n"
            "  - {id: z, what: 总结, who: [各界]}\n"
        ),
    )
    faults = faults_of(text)
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    assert [fault.field for fault in faults] == [
        "colour", "ladders.mine", "stages[a].until", "stages[b]",
        "items[x].due", "items[y].quota", "items[z].who[1]",
    ]  # fmt: skip


def test_the_error_says_every_fault_on_a_line_of_its_own() -> None:
    with pytest.raises(PlanError) as caught:
        read_plan(plan_text(items=ITEM.replace("各单位", "各界") * 2), "plan.yaml")
    assert str(caught.value) == "\n".join(map(str, caught.value.faults))
    assert len(caught.value.faults) == 3


def test_a_blank_form_is_a_workbook_or_a_document_beside_the_plan() -> None:
    form = "id: x, what: 总结, who: [各单位], forms: [{}]".format
    assert faults_of(plan_text(items=f"  - {{{form('attachments/表.xlsx, 说明.DOCX')}}}\n")) == []
    said = item_fault(form("attachments/表.xls"))
    assert said.endswith("空白表格“attachments/表.xls”不是 .xlsx 或 .docx；请另存为这两种格式之一")
    for path in ("../表.xlsx", "/表.xlsx"):
        said = item_fault(form(path))
        assert said.endswith(f"空白表格“{path}”不在方案旁边；应当写成相对方案文件的路径")
