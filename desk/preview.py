"""duban messages preview and kinds: how messages read, before one of them is sent."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from desk.speech import Answer, Table
from desk.vocabulary import FACES
from desk.workplace import Workplace
from ledger.calendars import calendar_of
from ledger.finding import find_message
from ledger.letters import NOTHING_LEFT, Letter, letter
from ledger.messages import Leaves, MessageKind
from notifications.kinds import Face, face, leaves
from notifications.notice import Notice, notice_for
from notifications.rendering import Place, Rendered, render
from notifications.samples import sample
from notifications.trial import faults
from notifications.wording import wording

LEAVES_WORDS = {
    Leaves.WITH_THE_ROUND: "随每个工作日的日程轮",
    Leaves.NEXT_OPENING: "当即；下班后等到下一次上班",
    Leaves.AT_ANY_HOUR: "当即，不论几点",
}
ON_ITS_OWN = "写明看哪一种，或用 --message 写明看哪一条；种类见 duban messages kinds。"


class Shown(NamedTuple):
    """What is to be shown: a letter and all that rendering it takes."""

    letter: Letter
    notice: Notice | None
    sign_link: str | None


def preview(
    place: Workplace,
    kind: str | None,
    number: int | None,
    sampled: bool,
    page: Path | None,
    robot: bool,
) -> Answer:
    """One message in words; nothing is written to the ledger, nothing is sent."""
    if sampled and number is not None:
        raise click.UsageError("--sample 与 --message 只能写一个。")
    shown = _real(place, number, kind) if number is not None else _sample(kind)
    here = Place(place.calendar.tz, place.settings.base_url, place.settings.templates)
    words = render(shown.letter, place.now, here, shown.notice, shown.sign_link)
    if page is not None:
        page.write_text(words.html, encoding="utf-8")
    wrong = [fault.sentence for fault in here.wording.faults]
    data = {"kind": face(shown.letter).value, **vars(words), "faults": wrong}
    return Answer(data, [*_said(words, robot=robot), *_written(page), *wrong])


def _sample(kind: str | None) -> Shown:
    if kind is None:
        raise click.UsageError(ON_ITS_OWN)
    one = sample(Face(kind))
    return Shown(one.letter, one.notice, one.sign_link)


def _real(place: Workplace, number: int, kind: str | None) -> Shown:
    """The message as it would read now; it must be of the kind asked for, if one is."""
    with place.database() as database, database.reading() as session:
        calendar = calendar_of(session, place.calendar)
        message = find_message(session, number)
        found, notice = letter(session, message, place.now, calendar), None
        if message.kind is MessageKind.LAUNCH and message.campaign_id is not None:
            notice = notice_for(
                session, message.campaign_id, message.person_id, place.now, calendar
            )
    if not found.lines:
        raise click.ClickException(f"第 {number} 号消息现在不会发出（{NOTHING_LEFT}）。")
    now_is = face(found)
    if kind not in (None, now_is.value):
        said = f"第 {number} 号消息现在是“{FACES[now_is]}”，不是“{FACES[kind or '']}”"
        raise click.ClickException(f"{said}；种类可以不写。")
    return Shown(found, notice, None)


def _said(words: Rendered, *, robot: bool) -> list[str]:
    parts = [f"标题：{words.subject}\n", words.text]
    return [*parts, f"群机器人：\n\n{words.robot}"] if robot else parts


def _written(page: Path | None) -> list[str]:
    return [f"网页版写在 {page.absolute()}。"] if page else []


def kinds(place: Workplace) -> Answer:
    """Every kind: its folder, when it leaves, which files the bureau has in its own words."""
    templates = place.settings.templates
    wrong = faults(templates)
    ours = sorted(wording(templates).overrides.sources)
    rows = [
        {
            "kind": kind.value,
            "name": FACES[kind],
            "leaves": leaves(kind).value,
            "overridden": [file for file in ours if file.startswith(f"{kind.value}/")],
        }
        for kind in Face
    ]
    table = Table(
        ("种类", "文件夹", "什么时候发出", "改写了"),
        [_cells(kind, ours) for kind in Face],
    )
    others = [file for file in ours if file.split("/")[0] not in set(Face)]
    shared = [f"各种消息共用、也改写了的：{'、'.join(others)}。"] if others else []
    sentences = [fault.sentence for fault in wrong]
    data = {"kinds": rows, "shared": others, "faults": sentences}
    return Answer(data, [table, *shared, *sentences])


def _cells(kind: Face, ours: list[str]) -> tuple[str, ...]:
    own = [file.split("/")[1] for file in ours if file.startswith(f"{kind.value}/")]
    return FACES[kind], kind.value, LEAVES_WORDS[leaves(kind)], "、".join(own)
