"""Rendering: a letter becomes subject, text, HTML and Markdown by the templates of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from ledger.letters import Letter
from ledger.roles import Role
from notifications.kinds import Face, face
from notifications.markdown import address, laid_out
from notifications.notice import Notice
from notifications.phrases import LocalTime, campaigns, notes
from notifications.wording import Wording, wording

NO_LINKS: Mapping[int, str] = MappingProxyType({})

LARGEST_HTML = 100_000
"""Bytes; Gmail clips what is larger than 102 KB."""


@dataclass(frozen=True)
class Rendered:
    """A letter in words; `robot` is Markdown for group robots and accounts."""

    subject: str
    text: str
    html: str
    robot: str


@dataclass(frozen=True)
class Place:
    """What every letter says alike: the local zone, and the address where people act.

    `templates`: the folder of the bureau's own; None: the one beside the program's settings.
    """

    tz: ZoneInfo
    link: str
    templates: Path | None = None

    @cached_property
    def wording(self) -> Wording:
        """The templates as they were when the first letter was rendered here."""
        return wording(self.templates)


def render(
    letter: Letter,
    at: datetime,
    place: Place,
    notice: Notice | None = None,
    sign_link: str | None = None,
    sign_links: Mapping[int, str] = NO_LINKS,
) -> Rendered:
    """The letter in words, as of `at`; a launch needs its notice.

    `sign_link`: where to sign for it; `sign_links`: for the messages its lines speak of, by number.
    """
    kind, words = face(letter), place.wording
    context: dict[str, Any] = {
        "letter": letter,
        "link": place.link,
        "sign_link": sign_link,
        "sign_links": sign_links,
        "today": at.astimezone(place.tz).date(),
        "notice": notice,
        "notes": notes(letter),
        "campaigns": campaigns(letter),
        "to_act": Role.CONTACT in letter.roles and kind is not Face.CLOSED,
        "provisional": _provisional(letter, notice),
        "moment": LocalTime(place.tz),
    }
    links = {name: address(link) for name in ("link", "sign_link") if (link := context[name])}
    return Rendered(
        subject=" ".join(words.render(f"{kind}/subject.txt", context).split()),
        text=words.render(f"{kind}/body.txt", context),
        html=_html(f"{kind}/body.html", words, context),
        robot=laid_out(words.render(f"{kind}/robot.md", context | links)),
    )


def _provisional(letter: Letter, notice: Notice | None) -> bool:
    """Whether a date is shown that reckons with a year not yet published."""
    signed = letter.sign_by is not None and letter.sign_by.provisional
    stages = notice.stages if notice else ()
    return (
        signed
        or any(line.provisional for line in letter.lines)
        or any(stage.provisional for stage in stages)
    )


def _html(name: str, words: Wording, context: dict[str, Any]) -> str:
    """The page, with fewer lines where all of them would make it too large."""
    letter: Letter = context["letter"]
    html = words.render(name, context)
    while len(html.encode()) > LARGEST_HTML and len(letter.lines) > 1:
        letter = letter.shortened(len(letter.lines) // 2)
        html = words.render(name, context | {"letter": letter})
    return html
