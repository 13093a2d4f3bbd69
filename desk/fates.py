"""What became of a message, in plain words."""

from __future__ import annotations

from desk.vocabulary import CHANNELS
from ledger.addresses import ChannelKind
from ledger.correspondence import MessageRow
from ledger.messages import MessageState, Tried

PENDING = {
    MessageState.DRAFT: "日程轮还没有走完",
    MessageState.HELD: "暂缓发出，等活动办放行",
    MessageState.SENDING: "正在发送",
}
OUTCOMES = {
    Tried.PUT_OFF: "没有发出，稍后再试",
    Tried.REFUSED: "没有发出",
    Tried.UNCLEAR: "不能确定是否送达",
}

NOT_IN_TIME = "未及发出"
"""How the reason begins where what a message said was taken into the next one."""


def fate(row: MessageRow) -> str:
    """What became of it, why, and who got it instead."""
    instead = f"；改发给{row.carried_to}" if row.carried_to else ""
    return _plain(row) + instead


def _plain(row: MessageRow) -> str:
    match row.state:
        case MessageState.SENT:
            times = f"（曾不能确定是否送达，又发过 {row.resends} 次）" if row.resends else ""
            return arrived(row.channel, row.answer) + times
        case MessageState.UNKNOWN:
            return "不能确定是否送达" + ("，将再发一次" if row.again else "")
        case MessageState.FAILED | MessageState.SKIPPED:
            if merged(row):
                return row.reason or ""
            return "没有发出" + (f"：{row.reason}" if row.reason else "")
        case MessageState.READY:
            return f"待发；上次没有发出：{row.reason}" if row.reason else "待发"
    return PENDING[row.state]


def merged(row: MessageRow) -> bool:
    """Whether it was left out because a later message says all of it."""
    return row.state is MessageState.SKIPPED and (row.reason or "").startswith(NOT_IN_TIME)


def arrived(channel: ChannelKind | None, answer: str | None) -> str:
    """Where a message arrived that was sent."""
    if channel is None:
        return "已发出"
    if channel is not ChannelKind.EMAIL:
        return f"已送达{CHANNELS[channel]}"
    # A mail server's answer begins with its code; without a server mails are files.
    is_file = bool(answer) and not answer[:1].isdigit() if answer else False
    return "已写成邮件文件（没有设发信服务器）" if is_file else "已送达发信服务器"


def signed(message: int, signed_message: int | None, signer: str | None) -> str:
    """That a message was signed for; where it was not its reader who did so, by whom."""
    if signed_message is None or signed_message == message:
        return "已签收"
    # Whoever it was carried on to has a later one.
    return f"由{signer}代为签收" if signed_message > message else f"由{signer}签收"


def outcome(channel: ChannelKind | None, tried: Tried, said: str) -> str:
    """What came of one attempt."""
    return arrived(channel, said) if tried is Tried.SENT else OUTCOMES[tried]
