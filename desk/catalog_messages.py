"""What can be typed about messages and the ways they leave by."""

from __future__ import annotations

from desk.catalog_record import RECORD
from desk.parameters import OneOf, argument, file, flag, option
from desk.verbs import Needs, noun, verb
from desk.vocabulary import CHANNELS as CHANNEL_KINDS
from desk.vocabulary import FACES

NOTHING = Needs.NOTHING

MESSAGES = noun(
    "messages",
    "消息：查看发给谁、为什么、发出没有，答复“通知过没有”；预览，放行",
    *RECORD,
    verb(
        "preview",
        "preview:preview",
        "预览一种消息：标题和正文；不写编号时用虚构的样例，写了编号就是那条消息现在的样子。什么也不发。",
        argument("kind", "种类", type=OneOf(FACES), required=False),
        option("--message", "编号", "哪一条消息", type=int, name="number"),
        flag("--sample", "sampled", "用虚构的样例；不写编号时就是这样"),
        file("--html", "把网页版写进这个文件", name="page"),
        flag("--robot", "robot", "也看群机器人收到的文字"),
        needs=NOTHING,
    ),
    verb(
        "kinds",
        "preview:kinds",
        "列出消息的种类：模板在哪个文件夹，什么时候发出，本局改写了哪些文件、有没有错。",
        needs=NOTHING,
    ),
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
    verb(
        "retry",
        "holding:try_again",
        "发送失败的，原因消除以后再发；已经转给别人的不再发。",
        argument("numbers", "编号", type=int, nargs=-1),
        flag("--all", "every", "全部失败而没有转给别人的"),
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
