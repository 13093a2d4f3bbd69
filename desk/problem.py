"""duban problem: register, assign, close out by a second person, reopen, look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click
from sqlalchemy import ColumnElement

from desk.speech import Answer, table
from desk.workplace import Desk
from ledger.acting import rectification_ladder
from ledger.campaigns import Campaign
from ledger.finding import find_campaign, find_problem, find_unit, plan_of
from ledger.problems import Problem, ProblemState
from ledger.queries import overdue_problems, problem_rows
from ledger.rectification import assign, register, reopen, request_close, title, verify

HEADINGS = {
    "campaign": "活动",
    "number": "编号",
    "unit": "单位",
    "title": "问题",
    "source": "来源",
    "problem_class": "类别",
    "state": "状态",
    "due": "期限",
    "days_late": "逾期天数",
}


def register_one(
    desk: Desk, slug: str, unit: str, title: str, source: str, problem_class: str
) -> Answer:
    """Put a problem on the ledger."""
    campaign, found = find_campaign(desk.session, slug), find_unit(desk.session, unit)
    problem = register(
        desk.session, campaign, found, title, desk.actor, desk.now, source, problem_class
    )
    return _done(desk, problem, f"已立项，编号 {campaign.slug}#{problem.number}")


def assign_one(desk: Desk, which: Sequence[str], due: date, start_rung: int) -> Answer:
    """Hand a problem to its unit."""
    problem = named(desk, which)
    ladder = rectification_ladder(desk.session, plan_of(desk.session, problem.campaign))
    by, now, cal = desk.actor, desk.now, desk.calendar
    assign(desk.session, problem, due, ladder.id, by, now, cal, start_rung)
    return _done(desk, problem, f"已交办，期限 {due}")


def request_close_one(desk: Desk, which: Sequence[str], evidence: str) -> Answer:
    """Ask for close-out."""
    problem = named(desk, which)
    by, now, cal = desk.actor, desk.now, desk.calendar
    request_close(desk.session, problem, desk.post, by, evidence, now, cal)
    return _done(desk, problem, "已申请销号，等待核验")


def verify_one(desk: Desk, which: Sequence[str], ok: bool, note: str) -> Answer:
    """Strike a problem off, or return it."""
    problem = named(desk, which)
    verify(desk.session, problem, desk.actor, ok, note, desk.now, desk.calendar)
    return _done(desk, problem, "已销号" if ok else f"核验退回，期限 {problem.due}")


def reopen_one(desk: Desk, which: Sequence[str], due: date, reason: str) -> Answer:
    """Open a closed problem again."""
    problem = named(desk, which)
    reopen(desk.session, problem, due, desk.actor, reason, desk.now, desk.calendar)
    return _done(desk, problem, f"已重开，期限 {due}")


def show_all(
    desk: Desk, campaign: str | None, unit: str | None, state: str | None, overdue: bool
) -> Answer:
    """The problems, narrowed down."""
    where: list[ColumnElement[bool]] = []
    if campaign:
        where.append(Campaign.id == find_campaign(desk.session, campaign).id)
    if unit:
        where.append(Problem.unit_id == find_unit(desk.session, unit).id)
    if state:
        where.append(Problem.state == ProblemState(state))
    if overdue:
        where.append(overdue_problems(desk.today))
    rows = problem_rows(desk.session, desk.today, desk.calendar, where)
    return Answer(rows, [table(rows, HEADINGS), f"共 {len(rows)} 个。"])


def named(desk: Desk, which: Sequence[str]) -> Problem:
    """The problem typed as 活动#编号, or as two words."""
    words = "#".join(which).split("#")
    if len(words) != 2 or not words[1].isdecimal():
        raise click.UsageError(
            f"“{' '.join(which)}”请写成 活动#编号，例如 gan-zhuan-zheng-2017#3。"
        )
    return find_problem(desk.session, find_campaign(desk.session, words[0]), int(words[1]))


def _done(desk: Desk, problem: Problem, words: str) -> Answer:
    desk.session.flush()
    mine = (Problem.id == problem.id,)
    row = problem_rows(desk.session, desk.today, desk.calendar, mine)[0]
    return Answer(row, [f"问题“{title(problem)}”{words}。"])
