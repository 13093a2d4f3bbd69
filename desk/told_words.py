"""The answer to a unit in words: each message as the page and the table say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from desk.fates import fate, merged, signed
from desk.lives import content
from desk.speech import Voice
from desk.vocabulary import CHANNELS, MESSAGE_KINDS
from ledger.correspondence import MessageRow
from ledger.messages import LEFT, MessageState
from ledger.unit_record import Told, ToldLine

M = MessageState
SUMS = {
    "发出": (M.SENT,),
    "不能确定": (M.UNKNOWN,),
    "没有发出": (M.FAILED, M.SKIPPED),
    "还没有发": (M.DRAFT, M.HELD, M.READY, M.SENDING),
}
MERGED = "并入后来的消息"


@dataclass(frozen=True)
class Said:
    """A line; `note`: why it does not stand in the text that left."""

    what: str
    due: str
    note: str


@dataclass(frozen=True)
class Entry:
    """A message. `left`: it has, as far as anyone knows; `bad`: it has not, or nobody can say."""

    id: int
    kind: str
    at: str
    left: bool
    to: str
    office: str
    way: str
    address: str
    title: str
    lines: tuple[Said, ...]
    rest: int
    fate: str
    bad: bool
    signature: str


def counted(rows: Sequence[MessageRow]) -> str:
    """How many there are, and what became of them."""
    words = Counter(_ended(row) for row in rows)
    said = [f"{word} {words[word]}" for word in (*SUMS, MERGED) if words[word]]
    # One carried on asks for no second signature.
    asked = [row for row in rows if row.sign_by and row.carried_from is None]
    if asked:
        done = sum(row.signed_at is not None for row in asked)
        said.append(f"要求签收 {len(asked)}，已签收 {done}")
    return f"共 {len(rows)} 条" + (f"：{'，'.join(said)}" if said else "") + "。"


def _ended(row: MessageRow) -> str:
    if merged(row):
        return MERGED
    return next(word for word, of in SUMS.items() if row.state in of)


def entry(voice: Voice, row: Told) -> Entry:
    """The message in words."""
    message = row.message
    return Entry(
        id=message.id,
        kind=MESSAGE_KINDS[message.kind],
        at=voice.words(message.at),
        left=message.state in LEFT,
        to=message.to,
        office=_office(row),
        way=CHANNELS[message.channel] if message.channel else "",
        address=message.address or "",
        title=row.announced or message.subject or "",
        lines=tuple(_said(voice, line) for line in row.lines if line.line.what != row.announced),
        rest=row.rest,
        fate=fate(message),
        bad=message.state in (M.FAILED, M.SKIPPED, M.UNKNOWN) and not merged(message),
        signature=_signature(voice, message),
    )


def _office(row: Told) -> str:
    """In which post the reader heard it: one of the unit's, or in the place of somebody else."""
    if row.message.carried_from:
        return f"代收，原发给{row.message.carried_from}"
    if row.offices:
        return "、".join(row.offices)
    absent = {line.line.instead_of: line.line.role for line in row.lines if line.line.instead_of}
    return "、".join(f"代{name}（{role}）" for name, role in absent.items())


def _said(voice: Voice, told_line: ToldLine) -> Said:
    line = told_line.line
    note = f"没有写进正文：{told_line.left_out}" if told_line.left_out else ""
    return Said(content(line), voice.words(line.due), note)


def _signature(voice: Voice, message: MessageRow) -> str:
    if message.sign_by is None:
        return ""
    if message.signed_at:
        words = signed(message.id, message.signed_message, message.signer)
        return f"{voice.words(message.signed_at)} {words}"
    return f"没有签收，期限 {voice.words(message.sign_by)}"


def cells(entry: Entry) -> list[tuple[object, ...]]:
    """A row of a table for the message with its first line, and one for each further line."""
    way = " ".join(filter(None, (entry.way, entry.address)))
    rest = f"另有 {entry.rest} 项与此无关" if entry.rest else ""
    first, *more = entry.lines or (Said(entry.title, "", ""),)
    head = (entry.id, entry.at, entry.to, entry.office, way)
    what = "；".join(filter(None, (first.what, first.note, rest)))
    rows: list[tuple[object, ...]] = [(*head, what, first.due, entry.fate, entry.signature)]
    blank = ("",) * len(head)
    for line in more:
        rows.append((*blank, "；".join(filter(None, (line.what, line.note))), line.due, "", ""))
    return rows
