"""What can be typed about messages already written, about addresses, and about who is away."""

from __future__ import annotations

import click

from desk.parameters import (
    NUMBER,
    OF_CAMPAIGN,
    PATH,
    UNIT,
    OneOf,
    argument,
    day,
    file,
    flag,
    option,
)
from desk.verbs import Needs, noun, verb
from desk.vocabulary import CHANNELS, MESSAGE_KINDS, MESSAGE_STATES

PERSON = argument("person", "姓名")
FIRST = day("--from", "从哪一天起", name="first")
LAST = day("--to", "到哪一天为止，当天也算", name="last")
REASON = option("--reason", "理由", "理由", default="")

OF_MESSAGES = (
    UNIT,
    option("--person", "姓名", "只看发给这个人的；重名的写岗位编号"),
    OF_CAMPAIGN,
    option("--kind", "种类", "只看这一种", type=OneOf(MESSAGE_KINDS)),
    option("--state", "状态", "只看这个状态", type=OneOf(MESSAGE_STATES)),
    FIRST,
    LAST,
)

RECORD = (
    verb(
        "list",
        "messages:show_all",
        "列出消息，最新的在最后；按单位、人、活动、种类、状态、日期查。",
        *OF_MESSAGES,
        option(
            "--last",
            "条数",
            "最多列出最近多少条；不写则 200",
            name="newest",
            type=click.IntRange(min=1),
            default=200,
        ),
    ),
    verb("show", "messages:show_one", "一条消息的来龙去脉。", NUMBER),
    verb(
        "told",
        "told:answer_unit",
        "答复“你们通知过我们吗”：发给一个单位的每条消息，何时、给谁、说了什么、送到没有、签收没有。",
        argument("unit", "单位"),
        OF_CAMPAIGN,
        option("--about", "词", "只看提到这个词的，几个词用空格隔开"),
        FIRST,
        LAST,
        file("--html", "另写成可以打印的页面"),
    ),
    verb(
        "export",
        "exporting:export",
        "导出为 .xlsx 或 .csv，每条消息的每件事一行；条件与 list 相同。",
        argument("to", "文件", type=PATH),
        *OF_MESSAGES,
        flag("--messages", "only_messages", "每条消息只写一行"),
    ),
)

ADDRESSES = noun(
    "addresses",
    "地址：一个人在哪里收得到消息，哪个先用，哪个停用了",
    verb(
        "list",
        "addresses:show_all",
        "列出地址。",
        option("--person", "姓名", "只看这个人的"),
        flag("--disabled", "disabled", "只看停用的"),
    ),
    verb(
        "add",
        "addresses:add",
        "增加一个地址；机器人和接口只写设置里的名称，不写网址和密钥。",
        PERSON,
        argument("channel", "方式", type=OneOf(CHANNELS)),
        argument("value", "地址"),
        flag("--first", "first", "最先使用；不写则排在最后"),
        option("--post", "岗位", "只用于这个岗位的消息"),
        needs=Needs.WRITING,
    ),
    verb(
        "disable",
        "addresses:disable",
        "停用一个地址。",
        NUMBER,
        option("--reason", "理由", "理由", required=True),
        needs=Needs.WRITING,
    ),
    verb("enable", "addresses:enable", "重新启用一个地址。", NUMBER, needs=Needs.WRITING),
    verb("remove", "addresses:remove", "删去一个地址。", NUMBER, needs=Needs.WRITING),
)

AWAY = (
    verb(
        "away",
        "away:away",
        "登记外出：这些天发给他的消息由岗位的代理人代收。",
        PERSON,
        day("--from", "从哪一天起；不写则从今天", name="first"),
        day("--to", "到哪一天为止，当天也算；不写则到销假为止", name="last"),
        REASON,
        option("--deputy", "姓名", "把他各岗位的代理人设为这个人"),
        needs=Needs.WRITING,
    ),
    verb("back", "away:back", "销假：从今天起消息照常发给本人。", PERSON, needs=Needs.WRITING),
)
