"""Amending a running plan: a new version of it is written and carried into the campaign."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.amendment import Amending
from ledger.amendment_report import Amendment
from ledger.audit import Act, Actor, record
from ledger.campaigns import OVER, Campaign, Deliverable, PlanVersion
from ledger.deliverables import KEEP, Asking, dates_by, unit_ids
from ledger.errors import Refused
from ledger.finding import plan_of
from ledger.launch import unit_classes
from ledger.plan import Item, Plan, PlanError, check_against
from ledger.plan_difference import (
    ALL_ASKED,
    FORMS,
    HEARD,
    WHOM,
    WINDOW,
    Changed,
    PlanDifference,
    difference,
)
from ledger.staging import amend_stages
from ledger.workdays import WorkCalendar


def amend(
    session: Session,
    campaign: Campaign,
    plan: Plan,
    text: str,
    folder: str,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
) -> Amendment:
    """Carry a new version of the plan into the running campaign.

    Raises Refused when the campaign is over, when nothing differs, or when something received
    would be withdrawn; PlanError when something is asked of a class or unit there is not.
    """
    old = plan_of(session, campaign)
    found = difference(old, plan)
    _check(session, campaign, plan, found)
    version = _write_version(session, campaign, text, folder, by, now)
    campaign.name, campaign.short, campaign.ends_on = plan.name, plan.short, plan.ends
    touched = found.stages_touched if old.ends == plan.ends else [part.id for part in plan.stages]
    amend_stages(session, campaign, plan, touched, by, now, cal)
    occasion = f"amended-{campaign.id}-{version}"
    under_way = Amending.begin(session, campaign, f"方案第{version}版", occasion, by, now, cal)
    report = under_way.report
    report.version, report.difference = version, found
    _amend_items(under_way, old, plan, found)
    under_way.tell()
    record(session, by, Act.AMENDED, now, campaign_id=campaign.id, note=_note(report))
    return report


def _amend_items(under_way: Amending, old: Plan, plan: Plan, found: PlanDifference) -> None:
    session, campaign = under_way.session, under_way.campaign
    asking = Asking(session, plan, campaign)
    rows = {
        row.key: row
        for row in session.scalars(
            select(Deliverable).where(Deliverable.campaign_id == campaign.id)
        )
    }
    for item in found.removed:
        under_way.remove(rows[item.id])
    for item in found.added:
        under_way.add(_asked_from_now(asking, rows.get(item.id), item), _new(item))
    for change in found.changed:
        row = rows[change.item.id]
        was = under_way.coming(row)
        asking.rewrite(row, change.item, redates=_redates(old, plan, change.item))
        under_way.fit(
            row,
            _said(change),
            opens=change.touches((*WINDOW, *WHOM, "阶段")),
            redates=change.touches(WINDOW),
            heard=change.touches(HEARD),
            was=was,
        )
        if change.touches(ALL_ASKED):
            under_way.concerned.append(row)


def _asked_from_now(asking: Asking, row: Deliverable | None, item: Item) -> Deliverable:
    """The item's deliverable: new, or one that an earlier version had taken away."""
    if row is None:
        return asking.write(item)
    row.withdrawn_at = None
    asking.rewrite(row, item)
    return row


def _redates(old: Plan, new: Plan, item: Item) -> bool:
    """Whether the new version itself says another date; else one set by the office stands."""
    before = old.item(item.id)
    return dates_by(old, before, before.passed or KEEP) != dates_by(new, item, item.passed or KEEP)


def _said(change: Changed) -> str:
    named = [fact for fact in change.facts if fact in (*WINDOW, *WHOM, *HEARD, "数量")]
    words = f"“{change.item.what}”的{'、'.join(named or change.facts)}有改动"
    return words + (_forms(change.item) if change.touches((FORMS,)) else "")


def _new(item: Item) -> str:
    return f"新增“{item.what}”{_forms(item)}"


def _forms(item: Item) -> str:
    """Forms leave only with the launch; whoever needs one hears which it is and where to get it."""
    names = "、".join(PurePosixPath(form).name for form in item.forms)
    return f"；空白表格 {names}，请向活动办索取" if names else ""


def _check(session: Session, campaign: Campaign, plan: Plan, found: PlanDifference) -> None:
    if campaign.state in OVER:
        raise Refused(f"活动“{campaign.short}”{campaign.state}，不能再修订方案。")
    if plan.slug != campaign.slug:
        raise Refused(f"新方案的编号是 {plan.slug}，这个活动的编号是 {campaign.slug}；请核对文件。")
    if plan.timezone != campaign.timezone:
        raise Refused(f"启动以后时区不能改；请写回 timezone: {campaign.timezone}。")
    if found.is_empty:
        raise Refused("新方案与现行方案没有差别，不用修订。")
    if found.stages_removed:
        names = "、".join(stage.name for stage in found.stages_removed)
        raise Refused(f"方案里少了阶段“{names}”；阶段可以改期或提前转段，不能删去。")
    _check_extras(session, campaign, found)
    if faults := check_against(plan, unit_classes(session), unit_ids(session)):
        raise PlanError(faults)


def _check_extras(session: Session, campaign: Campaign, found: PlanDifference) -> None:
    keys = [item.id for item in found.added]
    taken = session.scalar(
        select(Deliverable.what).where(
            Deliverable.campaign_id == campaign.id,
            Deliverable.key.in_(keys),
            Deliverable.withdrawn_at.is_(None),
        )
    )
    if taken is not None:
        raise Refused(f"新增事项的编号已由临时加报的“{taken}”使用；请在方案里换一个编号。")


def _write_version(
    session: Session, campaign: Campaign, text: str, folder: str, by: Actor, now: datetime
) -> int:
    last = session.scalar(
        select(func.max(PlanVersion.number)).where(PlanVersion.campaign_id == campaign.id)
    )
    number = (last or 0) + 1
    session.add(
        PlanVersion(
            campaign_id=campaign.id,
            number=number,
            text=text,
            folder=folder,
            written_at=now,
            by_post_id=by.post.id if by.post else None,
        )
    )
    session.flush()
    return number


def _note(report: Amendment) -> str:
    return f"第{report.version}版：" + "，".join(report.counted())
