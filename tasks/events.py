"""Events for whoever hangs automations on them: each move, each list, each rung that fired.

An event's id is made from what it tells, so that a step repeated tells nothing twice.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event

from ledger.campaigns import StageState
from ledger.standings import CampaignStanding, Fire, StageStanding

STAGE_MOVED = "duban.stage.moved"
LIST_MADE = "duban.list.made"
RUNG_FIRED = "duban.rung.fired"


def emit_move(standing: CampaignStanding, stage: StageStanding, into: StageState) -> None:
    """A stage has opened or was moved on."""
    payload = {"活动": standing.short, "阶段": stage.name, "现在": into.value}
    resource = f"duban.stage.{standing.slug}.{stage.key}"
    _emit(STAGE_MOVED, resource, stage.name, into.value, payload)


def emit_list(week: str, persons: int) -> None:
    """The weekly lists of an ISO week were made."""
    _emit(LIST_MADE, f"duban.list.{week}", f"{week} 周清单", week, {"周": week, "人数": persons})


def emit_rungs(day: str, fires: list[Fire]) -> None:
    """Rungs that were sent in a round: one event per rung, with how many cases it was for."""
    sent: dict[tuple[int, str], int] = {}
    for fire in fires:
        if fire.told:
            sent[fire.rung, fire.name] = sent.get((fire.rung, fire.name), 0) + 1
    for (rung, name), cases in sent.items():
        payload = {"日期": day, "层级": rung, "名称": name, "件数": cases}
        _emit(RUNG_FIRED, f"duban.rung.{rung}", name or str(rung), f"{day}:{name}", payload)


def _emit(event: str, resource: str, name: str, occasion: str, payload: dict[str, Any]) -> None:
    told = uuid5(NAMESPACE_URL, f"{event}:{resource}:{occasion}")
    about = {"prefect.resource.id": resource, "prefect.resource.name": name}
    emit_event(event, resource=about, payload=payload, id=told)
