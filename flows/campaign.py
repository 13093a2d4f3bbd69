"""One campaign as one flow run: it waits for moves, and shows each one that was carried out."""

from __future__ import annotations

from prefect import flow, suspend_flow_run
from prefect.context import FlowRunContext
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import Field

from config import clock
from flows.gates import attempt_key, keys_of, source_of
from tasks.campaigns import PageDecision, carry_out, read_standing, show_stages, take_decision
from tasks.tables import show_no_decision, show_tally

ENDED = "活动已结束"
WAITING = "等待活动办决定"


class StageDecision(RunInput):
    """What Prefect's page asks for; every field has a default, since an empty form must pass."""

    stage: str = Field("", title="阶段", description="要转段（或启动）的阶段名称")
    by: str = Field("", title="决定人", description="作出决定的活动办人员姓名")
    why: str = Field("", title="理由", description="提前转段须写明理由")


@flow(name="活动", persist_result=False)
def campaign(slug: str) -> str:
    """Follow a campaign from move to move until it has ended.

    The run holds nothing: after a crash, or resumed, it begins again and finds in the ledger what
    has been done. Without a deployment it cannot be suspended: it returns at the gate and is called
    again after the next move.
    """
    while True:
        carry_out(clock.now())
        standing = read_standing(slug)
        show_stages(standing)
        show_tally(standing)
        if standing.closed:
            return ENDED
        if not deployment.id:
            return WAITING
        wait_for_move(slug, standing.moves)


def wait_for_move(slug: str, moves: int) -> None:
    """Suspend until the campaign's next move; return only to look at the ledger again.

    A key that has fired is not suspended on again: asked once more, Prefect answers at once with
    what the page gave on resuming.
    """
    fired = keys_of(moves, fired_keys())
    if fired:
        answer = suspend_flow_run(wait_for_input=StageDecision, timeout=None, key=fired[-1])
        if decided(slug, answer, source_of(flow_run.id, fired[-1])):
            return
    key = attempt_key(moves, len(fired) + 1)
    suspend_flow_run(wait_for_input=StageDecision, timeout=None, key=key)


def decided(slug: str, answer: StageDecision, source: str) -> bool:
    """Whether the page's answer moved a stage; if it did not, an artifact says why."""
    refused: str | None = "恢复时没有填写阶段、决定人和理由。"
    if answer.stage or answer.by or answer.why:
        given = PageDecision(answer.stage, answer.by, answer.why)
        refused = take_decision(slug, given, source, clock.now())
    if refused is not None:
        show_no_decision(slug, refused)
    return refused is None


def fired_keys() -> set[str]:
    """The keys on which this run has been suspended before, as it stood when this process began."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return set()
    return context.flow_run.empirical_policy.pause_keys or set()
