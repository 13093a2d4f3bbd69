"""The kinds of message as readers know them: each a folder of templates.

What the daily round has for one person leaves as one message; what leads it gives it its face.
"""

from __future__ import annotations

from enum import StrEnum

from ledger.letters import Letter, Sort
from ledger.messages import LEAVES, ItemKind, Leaves, MessageKind
from ledger.roles import Role


class Face(StrEnum):
    """A kind of message; the value is its folder."""

    LAUNCH = "launch"
    STAGE = "stage"
    WEEKLY = "weekly"
    DUE = "due"
    URGE = "urge"
    SUPERVISE = "supervise"
    LEADING_GROUP = "leading_group"
    SEND_BACK = "send_back"
    EXTENSION = "extension"
    CLOSED = "closed"
    REOPENED = "reopened"
    STAGE_WAITING = "stage_waiting"
    UNDELIVERED = "undelivered"
    SELF_AUDIT = "self_audit"
    HELD = "held"
    NOTICE = "notice"
    CORRECTION = "correction"
    RECALL = "recall"
    RECEIPT = "receipt"
    DIGEST = "digest"


CLIMBING = (Face.DUE, Face.URGE, Face.SUPERVISE, Face.LEADING_GROUP)
"""What leads a daily message, the highest last."""

NEWS = {
    ItemKind.EXTENDED: Face.EXTENSION,
    ItemKind.LAPSED: Face.EXTENSION,
    ItemKind.CLOSED: Face.CLOSED,
    ItemKind.REOPENED: Face.REOPENED,
    ItemKind.STAGE_WAITING: Face.STAGE_WAITING,
    ItemKind.AUDIT: Face.SELF_AUDIT,
    ItemKind.UNDELIVERED: Face.UNDELIVERED,
    ItemKind.HELD: Face.HELD,
}
"""News that leads where it is all the news there is; any other is told in a plain daily message."""

PARTS = ("subject.txt", "body.txt", "body.html", "robot.md")
"""What each folder gives; words.txt beside them holds its name, its colour, its first sentence."""


def face(letter: Letter) -> Face:
    """By what its reader is told first: the highest rung, else one kind of news, else the list."""
    if letter.kind is not MessageKind.DIGEST:
        return Face(letter.kind.value)
    rungs = [_of_rung(sort) for sort in letter.sorts if sort.kind is ItemKind.RUNG]
    if rungs:
        return max(rungs, key=CLIMBING.index)
    news = {sort.kind for sort in letter.sorts if sort.kind is not ItemKind.WEEKLY}
    if not news:
        return Face.WEEKLY if letter.sorts else Face.DIGEST
    faces = {NEWS.get(kind, Face.DIGEST) for kind in news}
    return faces.pop() if len(faces) == 1 else Face.DIGEST


def _of_rung(sort: Sort) -> Face:
    """A plan names its own rungs and may have many: those above the second are for the leaders."""
    rung = sort.rung or 0
    if rung < len(CLIMBING) - 1:
        return CLIMBING[rung]
    return Face.LEADING_GROUP if sort.role is Role.LEADING_GROUP else Face.SUPERVISE


def leaves(kind: Face) -> Leaves:
    """When messages of this kind leave; what is no kind of its own leaves with the round."""
    own = kind.value in set(MessageKind)
    return LEAVES[MessageKind(kind.value)] if own else Leaves.WITH_THE_ROUND
