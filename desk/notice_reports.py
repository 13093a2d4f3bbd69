"""Announcements in words: the list, and one of them with everyone it went to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from desk.fates import signed
from desk.speech import Table
from desk.vocabulary import MESSAGE_STATES
from ledger.announcement_rows import AnnouncementRow, ReaderRow, signing_counts
from ledger.announcements import Announcement, Telling

KINDS = {Telling.NOTICE: "通知", Telling.CORRECTION: "更正", Telling.RECALL: "撤回"}
HEADINGS = ("编号", "种类", "标题", "活动", "时间", "谁发的", "人数", "已发出", "已签收", "现在")
READERS = ("消息", "姓名", "角色", "单位", "状态", "发出", "签收期限", "签收", "从哪里", "说明")

NAMED = 20


def rows_report(rows: Sequence[AnnouncementRow]) -> list[str | Table]:
    """All of them, a line each."""
    cells = [
        (
            *(row.id, KINDS[row.telling], row.title, row.campaign, row.at, row.by, row.messages),
            *(row.sent, f"{row.signed}/{row.asked}" if row.asked else "", _standing(row)),
        )
        for row in rows
    ]
    return [Table(HEADINGS, cells), f"共 {len(rows)} 份。"]


def one_report(
    row: AnnouncementRow, announcement: Announcement, readers: Sequence[ReaderRow]
) -> list[str | Table]:
    """One of them: its text, who got it, who signed, who did not, who is out of reach."""
    return [
        f"第 {row.id} 号",
        summary(announcement),
        *(_history(row)),
        *(
            [f"附件：{'、'.join(file.name for file in announcement.files)}。"]
            if announcement.files
            else []
        ),
        Table(READERS, [_cells(one) for one in readers], "发给："),
        *_counts(row, readers),
    ]


def summary(announcement: Announcement) -> str:
    """What kind it is, the title and the text."""
    kind = KINDS[announcement.telling]
    text = f"\n\n{announcement.body}\n" if announcement.body else ""
    return f"{kind}：{announcement.title}{text}"


def _standing(row: AnnouncementRow) -> str:
    if row.settled_by is None or row.settled is None:
        return ""
    return f"已由第 {row.settled_by} 号{KINDS[row.settled]}"


def _history(row: AnnouncementRow) -> Iterator[str]:
    if row.about is not None:
        yield f"针对第 {row.about} 号；理由：{row.reason}。"
    if standing := _standing(row):
        yield f"{standing}。"


def _cells(one: ReaderRow) -> tuple[object, ...]:
    own = (None, None) if one.signed_by_another else (one.signed_at, one.signed_from)
    return (
        *(one.message, one.name, one.role, one.unit, MESSAGE_STATES[one.state], one.sent_at),
        *(one.sign_due, *own, "；".join(_remarks(one))),
    )


def _remarks(one: ReaderRow) -> Iterator[str]:
    if one.instead_of:
        yield f"原发给{one.instead_of}"
    if one.carried_to:
        yield f"改发给{'、'.join(one.carried_to)}"
    if one.reason:
        yield one.reason
    if one.signed_by_another:
        yield signed(one.message, one.signed_message, one.signer)
    if one.signed_at is None and one.told_again_at:
        yield "已再次提醒"
    if one.signed_at is None and one.head_told_at:
        yield "已告知负责人"


def _counts(row: AnnouncementRow, readers: Sequence[ReaderRow]) -> Iterator[str]:
    left = sum(one.reached for one in readers)
    yield f"共 {len(readers)} 条，已发出 {left} 条。"
    if lost := _names(one for one in readers if one.unreachable):
        yield f"送不到的：{lost}。"
    asked, done = signing_counts(readers)
    if asked:
        others = sum(one.signed_by_another for one in readers if one.instead_of is None)
        stood_in = f"（其中 {others} 人的由别人代为签收）" if others else ""
        yield f"要签收的 {asked} 人，已签收 {done} 人{stood_in}。"
    if asked > done and row.settled:
        yield "其余的不必再签收。"
    elif asked > done:
        rest = (one for one in readers if one.signed_at is None and one.instead_of is None)
        yield f"没有签收的：{_names(rest)}。"


def _names(some: Iterable[ReaderRow]) -> str:
    names = [f"{one.name}（{one.unit}）" if one.unit else one.name for one in some]
    rest = f" 等 {len(names)} 人" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + rest
