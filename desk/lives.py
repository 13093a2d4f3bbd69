"""The life of a message as people read it: step by step, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from desk.fates import outcome, signed
from desk.vocabulary import CHANNELS, ITEM_KINDS
from ledger.announcements import Telling
from ledger.audit import Act
from ledger.correspondence import MessageRow
from ledger.message_life import AnnouncementRow, AttemptRow, Life, SignatureRow
from ledger.messages import MessageState
from ledger.reasons import OPENING
from ledger.record_lines import RecordLine
from ledger.workdays import WorkCalendar

Step = tuple[datetime, str]

ACTS = {
    Act.LAUNCHED: "启动活动",
    Act.STAGE_MOVED: "阶段转段",
    Act.CAMPAIGN_CANCELLED: "取消活动",
    Act.RECEIVED: "收到报送",
    Act.SENT_BACK: "退回报送",
}
TELLINGS = {Telling.NOTICE: "临时通知", Telling.CORRECTION: "更正", Telling.RECALL: "撤回"}


def history(life: Life, cal: WorkCalendar) -> list[Step]:
    """What happened to the message, in the order of time."""
    steps = [*_writing(life)]
    if life.signature:
        steps += _signing(life.message, life.signature, cal)
    steps += [*_waiting(life), *_sending(life), *_afterwards(life)]
    return sorted(steps, key=lambda step: step[0])


def _writing(life: Life) -> Iterator[Step]:
    at = life.message.created_at
    if life.origin:
        why = f"（{life.origin.reason}）" if life.origin.reason else ""
        yield (
            at,
            f"写下：第 {life.origin.id} 号消息原发给{life.origin.to}，没有送达{why}，改发给此人",
        )
    elif life.round:
        yield at, f"由 {life.round.day} 的日程轮写下"
    elif life.announcements:
        yield at, f"写下：{_announced(life.announcements[0])}"
    elif life.cause:
        note = f"：{life.cause.note}" if life.cause.note else ""
        yield at, f"因{ACTS[life.cause.act]}写下（{life.cause.by}{note}）"
    else:
        yield at, "写下"
    for later in life.announcements[1:]:
        yield later.at, _announced(later)


def _announced(row: AnnouncementRow) -> str:
    reason = f"，理由：{row.reason}" if row.reason else ""
    return f"{row.by}发出{TELLINGS[row.telling]}“{row.title}”（第 {row.id} 号{reason}）"


def _waiting(life: Life) -> Iterator[Step]:
    """From the round that held it back to the moment it is to leave."""
    message = life.message
    if life.round and life.round.held_why:
        free = message.state not in (MessageState.HELD, MessageState.DRAFT, MessageState.SKIPPED)
        after = "；后经活动办放行" if free else ""
        yield life.round.at, f"暂缓发出：{life.round.held_why}{after}"
    if message.leaves_at != message.created_at:
        yield message.leaves_at, "应在此时发出"


def _sending(life: Life) -> Iterator[Step]:
    for number, attempt in enumerate(life.attempts, start=1):
        yield attempt.at, f"第 {number} 次发送{_tried(attempt)}"
    if life.sending_since:
        yield life.sending_since, "领取，开始发送"
    sent_at = life.message.sent_at
    if sent_at and not life.attempts:
        yield sent_at, "已发出"


def _tried(attempt: AttemptRow) -> str:
    if attempt.address is None:
        return "：程序中断，不能确定是否已发出" + (f"（{attempt.said}）" if attempt.said else "")
    way = CHANNELS[attempt.channel] if attempt.channel else ""
    answer = f"；对方答复：{attempt.said}" if attempt.said else ""
    what = outcome(attempt.channel, attempt.outcome, attempt.said)
    return f"，{way} {attempt.address}：{what}{answer}"


def _afterwards(life: Life) -> Iterator[Step]:
    for heir in life.carried_on:
        yield heir.created_at, f"改发给{heir.to}，为第 {heir.id} 号消息"


def _signing(message: MessageRow, signature: SignatureRow, cal: WorkCalendar) -> Iterable[Step]:
    source = f"，来自 {signature.signed_from}" if signature.signed_from else ""
    words = signed(message.id, signature.signed_message, signature.signer)
    unsigned = "仍没有签收" if signature.again_at else "没有送达"
    steps = (
        (message.created_at, f"要求在 {cal.written(signature.due)} 前签收"),
        (signature.again_at, "到期没有签收，再提醒一次"),
        (signature.head_at, f"{unsigned}，告知主要负责人"),
        (signature.signed_at, f"{words}{source}"),
    )
    return [(at, what) for at, what in steps if at is not None]


def content(line: RecordLine) -> str:
    """A line in one phrase: the case, and what was said of it."""
    rung = line.rung_name or (ITEM_KINDS[line.kind] if not line.said else "")
    repeat = f"第 {line.repeat + 1} 次" if line.repeat else ""
    mark = "，".join(filter(None, (rung, repeat)))
    words = line.said if line.what in line.said else "：".join(filter(None, (line.what, line.said)))
    return words + (f"（{mark}）" if mark else "")


def line_cells(line: RecordLine) -> tuple[object, ...]:
    """A line as a row of a table."""
    office = f"{line.role}（{line.instead_of}的岗位）" if line.instead_of else line.role
    return (
        *(ITEM_KINDS[line.kind], office, line.unit, content(line), line.due),
        *(line.because.removeprefix(OPENING), line.dropped),
    )
