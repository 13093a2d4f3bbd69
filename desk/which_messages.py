"""Which messages a command is about: the conditions that were typed."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy import ColumnElement

from desk.workplace import Desk
from ledger.finding import find_campaign, find_person, find_unit
from ledger.message_filters import about_campaign, between, to_person, to_unit
from ledger.messages import Message, MessageKind, MessageState


def conditions(
    desk: Desk,
    unit: str | None,
    person: str | None,
    campaign: str | None,
    kind: str | None,
    state: str | None,
    first: date | None,
    last: date | None,
) -> list[ColumnElement[bool]]:
    """All that was typed must hold."""
    where = list(span(desk, first, last))
    if unit:
        where.append(to_unit(desk.session, find_unit(desk.session, unit), desk.calendar))
    if person:
        where.append(to_person(find_person(desk.session, person)))
    if campaign:
        where.append(
            about_campaign(find_campaign(desk.session, campaign), among_few=bool(unit or person))
        )
    if kind:
        where.append(Message.kind == MessageKind(kind))
    if state:
        where.append(Message.state == MessageState(state))
    return where


def span(desk: Desk, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """The local days, both included; none typed, none asked."""
    if first and last and last < first:
        raise click.ClickException(f"--to（{last}）早于 --from（{first}）；请改正日期。")
    return [between(first, last, desk.calendar)] if first or last else []
