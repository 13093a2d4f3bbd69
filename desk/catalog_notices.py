"""What can be typed about what the office says by hand, and the web pages on which it is signed."""

from __future__ import annotations

import click

from desk.parameters import NUMBER, OneOf, argument, file, flag, option
from desk.verbs import Needs, noun, verb
from desk.vocabulary import ROLES
from ledger.horizon import MOST_WORKDAYS

TEXT = (
    file("--text", "正文所在的文本文件（UTF-8）", name="text_file"),
    option("--say", "正文", "正文，直接写在命令里", name="words"),
)
ATTACH = file("--attach", "附件，可写多次", multiple=True, name="files")
REASON = option("--reason", "理由", "理由，会写给收件人", required=True)
YES = flag("--yes", "yes", "不再询问，直接写入")

NOTICE = noun(
    "notice",
    "临时通知：发送、更正、撤回、查看谁收到、谁签收",
    verb(
        "send",
        "notices:send",
        "发一份临时通知：先列出发给谁、写什么，确认后才写入，每人一条。",
        argument("title", "标题"),
        *TEXT,
        option("--unit", "单位", "发给这个单位，可写多次", multiple=True, name="units"),
        option("--class", "类别", "发给这一类单位，可写多次", multiple=True, name="classes"),
        option(
            "--role",
            "角色",
            "单位里的哪些角色，不写则为联络员；不写单位和类别则为所有这一角色",
            multiple=True,
            name="roles",
            type=OneOf(ROLES),
        ),
        option("--to", "岗位", "发给这个岗位，可写多次", multiple=True, name="posts"),
        ATTACH,
        flag("--sign", "to_sign", "要签收"),
        option(
            "--within",
            "天数",
            "几个工作日内签收；不写则按方案，没有活动的为 2 个",
            type=click.IntRange(1, MOST_WORKDAYS),
        ),
        option("--campaign", "活动", "属于哪个活动；可以不写"),
        YES,
        needs=Needs.WRITING,
    ),
    verb("list", "notices:show_all", "列出通知、更正和撤回，各发给几人、几人签收。"),
    verb(
        "show",
        "notices:show_one",
        "一份通知的全文和每个人：收到没有、签收没有、谁送不到。",
        NUMBER,
    ),
    verb(
        "correct",
        "notices:correct_one",
        "更正：收到错稿的得到更正；还没有发出的不再发错的，直接发更正后的。",
        NUMBER,
        *TEXT,
        option("--title", "标题", "更正后的标题；不写则不变"),
        ATTACH,
        REASON,
        YES,
        needs=Needs.WRITING,
    ),
    verb(
        "recall",
        "notices:recall_one",
        "撤回：收到的得知已撤回，还没有发出的不再发，也不需要签收。",
        NUMBER,
        REASON,
        YES,
        needs=Needs.WRITING,
    ),
    verb(
        "signed",
        "notices:sign_for",
        "代为签收：某人用电话等方式说收到了，由活动办记下。",
        NUMBER,
        option("--person", "姓名", "谁收到了；有同名的写消息编号", required=True),
        option("--reason", "理由", "怎样得知的，例如 电话确认", required=True),
        needs=Needs.WRITING,
    ),
)

WEB = verb(
    "web",
    "web.serving:serve",
    "运行网页：收件人从消息里的链接打开，签收、下载附件；Ctrl-C 停止。",
    option("--host", "地址", "在哪个地址上；不写则为 DUBAN_WEB_HOST"),
    option("--port", "端口", "端口；不写则为 DUBAN_WEB_PORT", type=click.IntRange(1, 65535)),
    needs=Needs.NOTHING,
)
