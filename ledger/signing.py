"""Signing for messages (签收): who is asked to, and the first signature, which is the one kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, literal, null, or_, select, update
from sqlalchemy.orm import Session

from ledger.announcements import Announcement, Telling
from ledger.audience import campaign_posts
from ledger.audit import Act, Actor, record
from ledger.campaigns import Campaign
from ledger.errors import Refused
from ledger.families import first_message, onwards
from ledger.messages import Item, Message, MessageKind
from ledger.roles import Role
from ledger.signatures import Signature
from ledger.sql import changed, insert_new
from ledger.units import Post
from ledger.workdays import WorkCalendar

LONGEST_FROM = 200
"""Characters kept of where a signature came from."""

NOT_ASKED = "这条消息不需要签收。"


def ask_to_sign(
    session: Session,
    messages: ColumnElement[bool],
    within: int,
    leaves_at: datetime,
    cal: WorkCalendar,
) -> None:
    """These messages are to be signed for, `within` working days after the day they leave."""
    due = cal.shift(cal.local_day(leaves_at), within)
    rows = (
        select(
            Message.id,
            literal(within),
            literal(due, Signature.due.type),
            literal(cal.end_of(due), Signature.next_at.type),
        )
        .where(messages)
        .order_by(Message.id)
    )
    columns = [Signature.message_id, Signature.within, Signature.due, Signature.next_at]
    insert_new(session, Signature, columns, rows)


def ask_contacts_to_sign(
    session: Session, campaign: Campaign, within: int, now: datetime, cal: WorkCalendar
) -> None:
    """The contacts sign for the launch notice; whoever else hears of the launch only hears."""
    contacts = campaign_posts(campaign.id, (Role.CONTACT,), cal.local_day(now))
    held = select(Post.person_id).where(Post.id.in_(contacts))
    told = (
        (Message.kind == MessageKind.LAUNCH)
        & (Message.campaign_id == campaign.id)
        & or_(Message.person_id.in_(held), Message.items.any(Item.post_id.in_(contacts)))
    )
    ask_to_sign(session, told, within, cal.leaves_at(now), cal)


def signature_of(session: Session, message: Message) -> Signature | None:
    """The signature a message asks for; carried on to another, it asks for the first one's."""
    first = first_message(session, message)
    found = select(Signature).where(Signature.message_id == first.id)
    return session.scalar(found.execution_options(populate_existing=True))


def asked_of(signature_ids: Collection[int]) -> CTE:
    """The messages through which these are signed: `id`, and `signature_id`."""
    first = select(Signature.message_id.label("id"), Signature.id.label("signature_id"))
    return onwards(first.where(Signature.id.in_(signature_ids)))


def through_whom(session: Session, signature_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Of each signature and each person it was asked of, the message through which they sign."""
    family = asked_of(signature_ids)
    rows = session.execute(
        select(family.c.signature_id, Message.person_id, Message.id)
        .join(Message, Message.id == family.c.id)
        .order_by(Message.id)
    )
    return {(signature_id, person_id): id for signature_id, person_id, id in rows}


def settled_by(session: Session, message: Message) -> Announcement | None:
    """What has put right or taken back the text of a message, if anything has."""
    about = first_message(session, message).announcement_id
    if about is None:
        return None
    return session.scalar(select(Announcement).where(Announcement.about_id == about))


def sign(session: Session, message: Message, now: datetime, come_from: str) -> bool:
    """Its reader signs for the message; False when it was signed before: then nothing changes.

    `come_from` is cut to 200 characters. Raises Refused when there is nothing to sign for.
    """
    signature = signature_of(session, message)
    if signature is None:
        raise Refused(NOT_ASKED)
    later = settled_by(session, message)
    if later is not None and signature.signed_at is None:
        raise Refused(_no_longer(later))
    first = (
        update(Signature)
        .where(Signature.id == signature.id, Signature.signed_at.is_(null()))
        .values(
            signed_at=now,
            signed_from=come_from[:LONGEST_FROM],
            signed_message_id=message.id,
            next_at=None,
        )
        .execution_options(synchronize_session=False)
    )
    if changed(session, first) == 0:
        return False
    drop_waiting(session, Item.signature_id == signature.id, "已签收")
    session.refresh(signature)
    return True


def sign_on_behalf(
    session: Session, message: Message, reason: str, by: Actor, now: datetime
) -> Signature:
    """The office signs for a person who said so otherwise, as by telephone.

    Raises Refused when no reason is given, or the message was signed for already.
    """
    why = " ".join(reason.split())
    if not why:
        raise Refused("代为签收请写明理由，例如“电话确认”。")
    signature = signature_of(session, message)
    name = message.person.name
    if not sign(session, message, now, f"{by.name}代为签收：{why}"):
        assert signature is not None
        through = signature.signed_message or message
        raise Refused(f"{through.person.name}已经签收过了，不必再签。")
    record(
        session,
        by,
        Act.SIGNED_FOR,
        now,
        campaign_id=message.campaign_id,
        note=f"代{name}签收消息 {message.id}：{why}",
    )
    assert signature is not None
    return signature


def drop_waiting(session: Session, which: ColumnElement[bool], why: str) -> None:
    """Of what waits for the next round, these lines are not said any more."""
    session.execute(
        update(Item)
        .where(which, Item.message_id.is_(null()), Item.dropped.is_(null()))
        .values(dropped=why)
        .execution_options(synchronize_session=False)
    )


def _no_longer(later: Announcement) -> str:
    if later.telling is Telling.RECALL:
        return "这份通知已经撤回，不需要签收。"
    return "这份通知已经更正，请签收更正后的通知。"
