"""What Prefect's page shows: what is owed, the rungs of a round, a gate unanswered, the audit."""

from __future__ import annotations

from collections.abc import Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from ledger.standings import CampaignStanding, Fire, open_campaigns, tally
from tasks.ledger import database, step

SHOWN = 200
"""Rows a table shows at most: a page is read by people."""


@step("报送情况表", run_name="{standing.short}·报送情况表")
def show_tally(standing: CampaignStanding) -> int:
    """The table of what is owed, per stage and deliverable; how many deliverables it has."""
    with database().reading() as session:
        rows = tally(session, standing.id)
    table = [
        {
            "阶段": row.stage,
            "报送事项": row.what,
            "应报": row.counts.owed,
            "已报": row.counts.received,
            "按时": row.counts.on_time,
            "未报": row.counts.missed,
        }
        for row in rows
    ]
    if table:
        create_table_artifact(
            key=f"{standing.slug}-owed", table=table, description=f"{standing.short}：报送情况"
        )
    return len(table)


def show_tallies() -> None:
    """The table of every open campaign."""
    with database().reading() as session:
        campaigns = open_campaigns(session)
    for standing in campaigns:
        show_tally(standing)


def show_fires(fires: Sequence[Fire]) -> None:
    """The table of the rungs decided in a round; nothing when there were none."""
    if not fires:
        return
    table = [
        {
            "日期": str(fire.on),
            "活动": fire.campaign,
            "事项": fire.case,
            "期限": str(fire.due),
            "层级": f"{fire.rung}级 {fire.name}",
            "第几次": fire.repeat + 1,
            "结果": fire.fired.value,
            "人数": fire.told,
        }
        for fire in fires[:SHOWN]
    ]
    more = f"，只列前 {SHOWN} 件" if len(fires) > SHOWN else ""
    create_table_artifact(
        key="rungs", table=table, description=f"逐级提醒：本轮 {len(fires)} 件{more}"
    )


def show_no_decision(slug: str, why: str) -> None:
    """The run was resumed, and no decision of the office stands behind it."""
    words = f"## 未见活动办决定\n\n{why}\n\n本次恢复不算转段，流程继续等待。"
    create_markdown_artifact(key=f"{slug}-gate", markdown=words, description="未见活动办决定")


def show_audit(findings: Sequence[str]) -> None:
    """What the nightly self-audit found."""
    lines = "\n".join(f"- {finding}" for finding in findings) or "- 没有发现问题。"
    create_markdown_artifact(key="self-audit", markdown=f"## 夜间自查\n\n{lines}")
