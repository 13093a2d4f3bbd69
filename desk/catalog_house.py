"""What can be typed beside the campaigns: plan, units, posts, messages, and the machine itself."""

from __future__ import annotations

from desk.parameters import (
    NUMBER,
    OF_CAMPAIGN,
    PATH,
    UNIT,
    OneOf,
    argument,
    day,
    file,
    option,
    plan_file,
)
from desk.verbs import Needs, noun, verb
from desk.vocabulary import MESSAGE_KINDS, MESSAGE_STATES

NOTHING = Needs.NOTHING

UNITS_FILE = file("--units", "单位表；不写则用自带的虚构单位")

PLAN = noun(
    "plan",
    "方案：核对",
    verb(
        "check",
        "plan:check",
        "核对方案：逐条指出错误的行和字段；没有错误则列出每类单位每周要报多少。",
        plan_file(),
        UNITS_FILE,
        needs=NOTHING,
    ),
)

UNITS = noun(
    "units",
    "单位：导入、查看",
    verb(
        "import",
        "units:take_in",
        "从 .xlsx 或 .csv 导入单位，可重复导入；表头：单位名称、类别、上级。",
        argument("table", "表格", type=PATH),
        needs=Needs.IMPORTING,
    ),
    verb("list", "units:show_all", "列出单位。"),
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
    UNITS_FILE,
    file("--posts", "岗位表，与 --units 一起写"),
    file("--behave", "行为文件：谁在什么时候报什么；不写则谁也不报"),
    day("--until", "推演到哪一天"),
    needs=NOTHING,
)
