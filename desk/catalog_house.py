"""What can be typed beside the campaigns: plan, units, posts, messages, and the machine itself."""

from __future__ import annotations

import click

from desk.parameters import (
    NUMBER,
    OF_CAMPAIGN,
    PATH,
    THE_CAMPAIGN,
    UNIT,
    Day,
    OneOf,
    argument,
    day,
    file,
    flag,
    option,
    plan_file,
)
from desk.verbs import Needs, noun, verb
from desk.vocabulary import CHANNELS as CHANNEL_KINDS
from desk.vocabulary import MESSAGE_KINDS, MESSAGE_STATES
from ledger.horizon import FIRST_DAY, LAST_DAY

NOTHING = Needs.NOTHING
MAY_SAY_WHY = option("--reason", "理由", "理由", default="")
FROM_DAY = day("--on", "从哪一天起；不写则从今天", name="on")
TO_UNITS = option("--unit", "单位", "向它要，可写多次", multiple=True, name="units", required=True)
YES = flag("--yes", "yes", "不再询问，直接写入")

UNITS_FILE = file("--units", "单位表；不写则用自带的虚构单位")

PLAN = noun(
    "plan",
    "方案：核对、写法、修订、定期限、临时加报",
    verb(
        "check",
        "plan:check",
        "核对方案：逐条指出错误的行和字段；没有错误则列出每类单位每周要报多少。",
        plan_file(),
        UNITS_FILE,
        needs=NOTHING,
    ),
    verb(
        "schema",
        "plan:schema",
        "输出方案写法的 JSON Schema，编辑器据此补全、说明和核对每个键。",
        needs=NOTHING,
    ),
    verb(
        "amend",
        "plan_amend:amend_plan",
        "修订方案：列出与现行方案的差别和影响，确认后写成新的一版；已收到的不动。",
        plan_file(),
        YES,
        needs=Needs.WRITING,
    ),
    verb(
        "date",
        "plan_amend:date_one",
        "给没有期限的事项定期限，或改期；已收到的和已过期的不动。",
        argument("item", "事项"),
        argument("due", "期限", type=Day()),
        THE_CAMPAIGN,
        MAY_SAY_WHY,
        needs=Needs.WRITING,
    ),
    verb(
        "add",
        "plan_amend:add_one",
        "临时加报：向指定的单位多要一样材料。",
        argument("what", "事项"),
        TO_UNITS,
        day("--due", "期限", required=True),
        flag("--no-review", "unreviewed", "收到即存档，不审核"),
        THE_CAMPAIGN,
        MAY_SAY_WHY,
        needs=Needs.WRITING,
    ),
)

UNITS = noun(
    "units",
    "单位：导入、查看、更名、合并、撤销",
    verb(
        "import",
        "units:take_in",
        "从 .xlsx 或 .csv 导入单位，可重复导入；表头：单位名称、类别、上级。",
        argument("table", "表格", type=PATH),
        needs=Needs.IMPORTING,
    ),
    verb("list", "units:show_all", "列出单位。"),
    verb(
        "rename",
        "units:rename",
        "单位更名：应报、报送和以往的比率都不变。",
        argument("unit", "单位"),
        argument("name", "新名称"),
        FROM_DAY,
        MAY_SAY_WHY,
        needs=Needs.WRITING,
    ),
    verb(
        "merge",
        "units:merge",
        "单位合并：没有报的免报，没有销号的问题由并入的单位继续整改。",
        argument("unit", "单位"),
        argument("into", "并入单位"),
        FROM_DAY,
        MAY_SAY_WHY,
        needs=Needs.WRITING,
    ),
    verb(
        "close",
        "units:close",
        "单位撤销：没有报的免报，岗位随之终止。",
        argument("unit", "单位"),
        FROM_DAY,
        MAY_SAY_WHY,
        needs=Needs.WRITING,
    ),
)

POSTS = noun(
    "posts",
    "岗位：导入、查看",
    verb(
        "import",
        "posts:take_in",
        "从 .xlsx 或 .csv 导入人员岗位，可重复导入；表头：姓名、职务、角色、单位、分管单位、"
        "手机、邮箱、企业微信、起、止、代理人。",
        argument("table", "表格", type=PATH),
        needs=Needs.IMPORTING,
    ),
    verb("list", "posts:show_all", "列出在任的岗位。", UNIT),
)

MESSAGES = noun(
    "messages",
    "消息：查看发给谁、为什么、发出没有",
    verb(
        "list",
        "messages:show_all",
        "列出消息。",
        OF_CAMPAIGN,
        UNIT,
        option("--person", "姓名", "只看发给这个人的"),
        option("--state", "状态", "只看这个状态", type=OneOf(MESSAGE_STATES)),
        option("--kind", "种类", "只看这一种", type=OneOf(MESSAGE_KINDS)),
    ),
    verb("show", "messages:show_one", "一条消息的来龙去脉。", NUMBER),
    verb("held", "holding:show_held", "消息多得反常而暂停的一轮：原来要发什么。"),
    verb(
        "release",
        "holding:release_held",
        "放行暂停的消息。",
        needs=Needs.WRITING,
    ),
    verb(
        "drop",
        "holding:drop_held",
        "作废暂停的消息，不再发出。",
        option("--reason", "理由", "理由", required=True),
        needs=Needs.WRITING,
    ),
)

CHANNELS = noun(
    "channels",
    "通道：消息从哪里出去，能不能用",
    verb("list", "channels:show_all", "列出各种通道：设好了没有。", needs=NOTHING),
    verb(
        "test",
        "channels:try_out",
        "发一条简短的测试消息，列出往来的每一行；地址是邮箱、机器人的名字、账号，或岗位表里的人。",
        argument("address", "地址"),
        option("--channel", "通道", "经哪个通道；不写则由地址看出", type=OneOf(CHANNEL_KINDS)),
        needs=NOTHING,
    ),
)

YEAR = argument("year", "年份", type=click.IntRange(FIRST_DAY.year, LAST_DAY.year))

CALENDAR = noun(
    "calendar",
    "日历：导入放假安排、停止办公、查看",
    verb(
        "import",
        "holidays:take_in",
        "导入一年的放假安排：国务院办公厅通知的文本，或有“日期、类型、名称”三列的表格；"
        "先列出会变动的日子和期限，确认后才写入。",
        YEAR,
        argument("file", "文件", type=PATH),
        YES,
        needs=Needs.IMPORTING,
    ),
    verb(
        "close-day",
        "holidays:close",
        "登记本局停止办公的一天；先列出会变动的期限，确认后才写入。",
        argument("day", "日期", type=Day()),
        option("--reason", "理由", "理由", required=True),
        YES,
        needs=Needs.WRITING,
    ),
    verb("show", "holidays:show", "查看一年：是否公布、放假、调休上班、停止办公。", YEAR),
)

TICK = verb(
    "tick",
    "tick:tick",
    "执行决定，跑一遍日程轮，投递一次；可由 cron 每小时调用。",
    needs=NOTHING,
)
DOCTOR = verb("doctor", "doctor:examine", "检查正式运行还缺什么。", needs=NOTHING)
MIGRATE = verb("migrate", "migrate:migrate", "建立数据库，或升级到本程序的版本。", needs=NOTHING)
MIGRATE_DATABASE = verb(
    "migrate-database",
    "migrate:relocate",
    "把整个台账搬到另一个空的数据库，例如从 SQLite 搬到 PostgreSQL；逐表核对行数。请先停止服务。",
    argument("source", "原地址"),
    argument("target", "新地址"),
    needs=NOTHING,
)
REHEARSE = verb(
    "rehearse",
    "rehearse:rehearse",
    "推演：在假的时钟上把整个活动跑一遍，看谁在哪天收到什么；不动台账，不发消息。",
    plan_file(),
    file("--diff", "先推演这一份旧方案，再推演方案，只说两者的差别", name="old"),
    UNITS_FILE,
    file("--posts", "岗位表，与 --units 一起写"),
    file("--behave", "行为文件：谁在什么时候报什么；不写则谁也不报"),
    day("--until", "推演到哪一天"),
    needs=NOTHING,
)
