"""duban notice: what the office says by hand, puts right, takes back, and who has signed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from desk.confirming import Done, confirmed
from desk.filestore import parcel
from desk.notice_reports import one_report, rows_report, summary
from desk.reading import read_text
from desk.speech import Answer, Table
from desk.workplace import Desk
from ledger.announcement_rows import announcement_rows, find_reader, reader_rows
from ledger.announcements import Announcement
from ledger.announcing import announce
from ledger.audience import Chosen, chosen_posts, units_without
from ledger.campaigns import Campaign
from ledger.correcting import PutRight, correct, recall
from ledger.finding import (
    find_announcement,
    find_campaign,
    find_class,
    find_post,
    find_unit,
    plan_of,
)
from ledger.intake import HandedFile
from ledger.roles import Role
from ledger.signatures import WITHIN
from ledger.signing import sign_on_behalf
from ledger.wording import Wording

NAMED = 20
"""Persons named before the rest is only counted."""


def send(
    desk: Desk,
    title: str,
    text_file: Path | None,
    words: str | None,
    units: Sequence[str],
    classes: Sequence[str],
    roles: Sequence[str],
    posts: Sequence[str],
    files: Sequence[Path],
    to_sign: bool,
    within: int | None,
    campaign: str | None,
    yes: bool,
) -> Answer:
    """Show to whom and what; write it once confirmed."""
    if within is not None and not to_sign:
        raise click.UsageError("--within 要与 --sign 一起写。")
    text = _text(text_file, words)

    def write(taken: Sequence[HandedFile]) -> Done:
        whom = _chosen(desk, units, classes, roles, posts)
        about = find_campaign(desk.session, campaign) if campaign else None
        row = announce(
            desk.session,
            Wording(title, text, taken),
            chosen_posts(whom, desk.today),
            desk.actor,
            desk.now,
            desk.calendar,
            about,
            _limit(desk, about, within) if to_sign else None,
        )
        without = units_without(desk.session, whom, desk.today)
        return Done(
            {**_plain(desk, row), "without": without}, [*_told(desk, row), *_nobody(without)]
        )

    return _with_files(desk, files, write, yes)


def correct_one(
    desk: Desk,
    number: int,
    text_file: Path | None,
    words: str | None,
    title: str | None,
    files: Sequence[Path],
    reason: str,
    yes: bool,
) -> Answer:
    """Show who had the wrong text and what is right; write it once confirmed."""
    text = _text(text_file, words)

    def write(taken: Sequence[HandedFile]) -> Done:
        wrong = find_announcement(desk.session, number)
        said = Wording(wrong.title if title is None else title, text, taken)
        done = correct(desk.session, wrong, said, reason, desk.actor, desk.now, desk.calendar)
        kept = f"其余 {done.kept_back} 人的错稿没有发出，不再发，直接发更正后的。"
        return _put_right(desk, done, f"收到过错稿的 {done.had} 人得到更正。", kept)

    return _with_files(desk, files, write, yes)


def recall_one(desk: Desk, number: int, reason: str, yes: bool) -> Answer:
    """Show who had it; write it once confirmed."""

    def write() -> Done:
        wrong = find_announcement(desk.session, number)
        done = recall(desk.session, wrong, reason, desk.actor, desk.now, desk.calendar)
        kept = f"还有 {done.kept_back} 人的没有发出，不再发，也不另说。"
        return _put_right(desk, done, f"收到过的 {done.had} 人得知已撤回。", kept)

    return _numbered(confirmed(desk, write, yes))


def sign_for(desk: Desk, number: int, person: str, reason: str) -> Answer:
    """Record a signature someone gave otherwise."""
    row = find_announcement(desk.session, number)
    message = find_reader(desk.session, row, person)
    signature = sign_on_behalf(desk.session, message, reason, desk.actor, desk.now)
    words = (
        f"已记下：{message.person.name}签收第 {row.id} 号“{row.title}”（{signature.signed_from}）。"
    )
    data = {"notice": row.id, "message": message.id, "name": message.person.name}
    return Answer(
        {**data, "signed_at": signature.signed_at, "from": signature.signed_from}, [words]
    )


def show_all(desk: Desk) -> Answer:
    """Every announcement in one line."""
    rows = announcement_rows(desk.session)
    return Answer(rows, rows_report(rows))


def show_one(desk: Desk, number: int) -> Answer:
    """One announcement whole, and everyone it went to."""
    announcement = find_announcement(desk.session, number)
    (row,) = announcement_rows(desk.session, only=number)
    readers = reader_rows(desk.session, announcement)
    data = {
        **vars(row),
        "text": announcement.body,
        "files": [_file(file) for file in announcement.files],
        "readers": [
            {**vars(one), "reached": one.reached, "unreachable": one.unreachable} for one in readers
        ],
    }
    return Answer(data, one_report(row, announcement, readers))


def _text(text_file: Path | None, words: str | None) -> str:
    if (text_file is None) is (words is None):
        raise click.UsageError("正文用 --text 文件 或 --say 文字 写明，只写一个。")
    return read_text(text_file) if text_file else words or ""


def _chosen(
    desk: Desk,
    units: Sequence[str],
    classes: Sequence[str],
    roles: Sequence[str],
    posts: Sequence[str],
) -> Chosen:
    of_units = bool(units or classes)
    return Chosen(
        units=[find_unit(desk.session, word).id for word in units],
        classes=[find_class(desk.session, word, desk.today) for word in classes],
        roles=[Role(role) for role in roles] or ([Role.CONTACT] if of_units else []),
        posts=[find_post(desk.session, word, desk.today).id for word in posts],
    )


def _limit(desk: Desk, campaign: Campaign | None, within: int | None) -> int:
    """Working days: as typed, else as the campaign's plan says."""
    if within is not None:
        return within
    return plan_of(desk.session, campaign).sign.within if campaign else WITHIN


def _with_files(
    desk: Desk, files: Sequence[Path], write: Callable[[Sequence[HandedFile]], Done], yes: bool
) -> Answer:
    """Files are kept before the row that names them is, and gone again if it is not."""
    # Copying may take a while; nobody else should have to wait for it.
    desk.session.commit()
    settings = desk.settings
    with parcel(desk.session, settings.home, settings.max_file_bytes, files) as taken:
        answer = confirmed(desk, lambda: write(taken.files), yes)
        if answer.data["written"]:
            taken.place()
            desk.session.commit()
    return _numbered(answer)


def _numbered(answer: Answer) -> Answer:
    """A number is given when it is written: what was only shown has none."""
    if not answer.data["written"]:
        return replace(answer, data={**answer.data, "number": None})
    number = answer.data["number"]
    where = f"编号 {number}；谁收到、谁签收：duban notice show {number}"
    return replace(answer, said=[*answer.said, where])


def _put_right(desk: Desk, done: PutRight, had: str, kept: str) -> Done:
    row = done.announcement
    data = {
        **_plain(desk, row),
        "about": row.about_id,
        "had": done.had,
        "kept_back": done.kept_back,
    }
    said: list[str | Table] = [f"针对第 {row.about_id} 号：{row.reason}。", had]
    return Done(data, [*_told(desk, row), *said, *([kept] if done.kept_back else [])])


def _plain(desk: Desk, row: Announcement) -> dict[str, Any]:
    readers = reader_rows(desk.session, row)
    return {
        "number": row.id,
        "title": row.title,
        "text": row.body,
        "files": [_file(file) for file in row.files],
        "leaves_at": desk.calendar.leaves_at(desk.now),
        "sign_due": next((one.sign_due for one in readers), None),
        "readers": [{"name": one.name, "role": one.role, "unit": one.unit} for one in readers],
    }


def _file(file: Any) -> dict[str, Any]:
    return {"name": file.name, "sha256": file.sha256, "size": file.size}


def _told(desk: Desk, row: Announcement) -> Iterator[str | Table]:
    """What is shown before it is written."""
    readers = reader_rows(desk.session, row)
    yield summary(row)
    cells = [(one.name, one.role, one.unit) for one in readers[:NAMED]]
    rest = f"，以下列出前 {NAMED} 人" if len(readers) > NAMED else ""
    yield Table(("姓名", "角色", "单位"), cells, f"发给 {len(readers)} 人{rest}：")
    if row.files:
        yield f"附件：{'、'.join(file.name for file in row.files)}。"
    if readers and readers[0].sign_due:
        yield f"请签收，{desk.calendar.written(readers[0].sign_due)} 24:00 为限。"
    if readers:
        yield f"发出：{desk.calendar.leaves_at(desk.now):%Y-%m-%d %H:%M} 起。"


def _nobody(without: Sequence[str]) -> Iterator[str]:
    if without:
        rest = f" 等 {len(without)} 个" if len(without) > NAMED else ""
        yield f"下列单位没有这样的岗位，收不到：{'、'.join(without[:NAMED])}{rest}。"
