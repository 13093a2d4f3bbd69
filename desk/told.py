"""duban messages told: did you tell us? Every message to a unit's people, also as a page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from desk.speech import Answer, Table, Voice
from desk.told_words import cells, counted, entry
from desk.which_messages import span
from desk.whole_files import written_whole
from desk.workplace import Desk
from ledger.campaigns import Campaign
from ledger.finding import find_campaign, find_unit
from ledger.message_filters import about_campaign, to_unit
from ledger.unit_record import told

HEADINGS = ("编号", "时间", "发给", "岗位", "方式和地址", "说了什么", "期限", "结果", "签收")


def answer_unit(
    desk: Desk,
    unit: str,
    campaign: str | None,
    about: str | None,
    first: date | None,
    last: date | None,
    html: Path | None,
) -> Answer:
    """Every message to the unit's people, and what it said to the unit."""
    found = find_unit(desk.session, unit)
    of = find_campaign(desk.session, campaign) if campaign else None
    where = [to_unit(desk.session, found, desk.calendar), *span(desk, first, last)]
    where += [about_campaign(of, among_few=True)] if of else []
    rows = told(desk.session, found, where, about or "", desk.calendar)
    voice = Voice(desk.calendar)
    record = {
        "unit": found.name,
        "span": _span(first, last),
        "about": _asked(of, about),
        "printed_at": voice.words(desk.now),
        "counted": counted([row.message for row in rows]),
    }
    entries = [entry(voice, row) for row in rows]
    narrowed = "，".join(filter(None, (record["span"], record["about"])))
    table = Table(HEADINGS, [row for one in entries for row in cells(one)])
    said: list[str | Table] = [f"{found.name}（{narrowed}）：{record['counted']}", table]
    if html:
        _write_page(html, record=record, entries=entries)
        said.append(f"已写成可以打印的页面：{html}")
    return Answer({**record, "messages": rows}, said)


def _write_page(to: Path, **context: object) -> None:
    # Jinja costs a twentieth of a second, which only a page needs to pay.
    from desk.pages import page

    words = page("told.html", **context)
    written_whole(to, lambda file: file.write_text(words, encoding="utf-8"))


def _span(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "全部时间"
    return f"{first or '最早'} 至 {last or '现在'}"


def _asked(campaign: Campaign | None, about: str | None) -> str:
    """What the answer was narrowed down to, beside the days."""
    parts = (campaign and f"活动“{campaign.short}”", about and f"涉及“{about}”")
    return "，".join(part for part in parts if part)
