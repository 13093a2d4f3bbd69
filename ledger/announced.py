"""What a message says of the announcement it carries: text, files, sender, what it puts right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from ledger.announcements import AnnouncedFile, Announcement, Telling
from ledger.campaigns import Campaign
from ledger.sql import Rows
from ledger.titles import one_line
from ledger.units import Person, Post


@dataclass(frozen=True)
class Earlier:
    """An announcement that is put right or taken back."""

    title: str
    body: str
    at: datetime


@dataclass(frozen=True)
class Announced:
    """An announcement as its reader is told of it. `body` keeps its lines; `files` are names,
    `digests` under what their contents are kept.

    `by`: who in the office sends it. `about`: what is put right or taken back, for the `reason`.
    """

    telling: Telling
    title: str
    body: str
    files: tuple[str, ...]
    by: str
    at: datetime
    campaign: str = ""
    reason: str = ""
    digests: tuple[str, ...] = ()
    about: Earlier | None = None


def announced(session: Session, ids: Collection[int]) -> dict[int, Announced]:
    """The announcements of these ids, read in two statements."""
    files: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for announcement_id, name, sha256 in session.execute(_files(), {"ids": sorted(ids)}):
        files[announcement_id].append((one_line(name), sha256))
    rows = session.execute(_rows(), {"ids": sorted(ids)})
    return {row.id: _announced(row, tuple(files[row.id])) for row in rows}


def _ids() -> BindParameter[int]:
    return bindparam("ids", expanding=True)


@cache
def _files() -> Rows:
    return (
        select(AnnouncedFile.announcement_id, AnnouncedFile.name, AnnouncedFile.sha256)
        .where(AnnouncedFile.announcement_id.in_(_ids()))
        .order_by(AnnouncedFile.id)
    )


@cache
def _rows() -> Rows:
    about = aliased(Announcement)
    return (
        select(
            *(Announcement.id, Announcement.telling, Announcement.title, Announcement.body),
            *(Announcement.reason, Announcement.at, Post.role, Person.name.label("by")),
            *(Campaign.name.label("campaign"), about.title.label("about_title")),
            *(about.body.label("about_body"), about.at.label("about_at")),
        )
        .join(Post, Post.id == Announcement.by_post_id)
        .join(Person, Person.id == Post.person_id)
        .outerjoin(Campaign, Campaign.id == Announcement.campaign_id)
        .outerjoin(about, about.id == Announcement.about_id)
        .where(Announcement.id.in_(_ids()))
    )


def _announced(row: Row[Any], files: tuple[tuple[str, str], ...]) -> Announced:
    told_of = row.about_title is not None
    return Announced(
        telling=row.telling,
        title=one_line(row.title),
        body=row.body,
        files=tuple(name for name, _ in files),
        digests=tuple(sha256 for _, sha256 in files),
        by=f"{row.role}{one_line(row.by)}",
        at=row.at,
        campaign=one_line(row.campaign or ""),
        reason=one_line(row.reason),
        about=Earlier(one_line(row.about_title), row.about_body, row.about_at) if told_of else None,
    )
