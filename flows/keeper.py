"""Keeping Prefect's display up with the ledger: deployments, runs alive, runs resumed.

Everything here may be repeated, and nothing of it decides anything: were Prefect's database lost,
one pass would register all deployments and start a run for each open campaign anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from uuid import UUID

from anyio import to_thread
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.states import Crashed

from flows.deployments import TAG, campaign_deployment, fixed_deployments
from flows.gates import moves_of
from ledger.standings import CampaignStanding

PAGE = 200
"""How many rows Prefect's API gives at once."""

START_AGAIN = 60.0
"""Seconds before another run is started for a campaign whose run came to nothing."""

OF_A_PROCESS = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
"""States that only a living process of ours can be in."""

ALIVE = [*OF_A_PROCESS, StateType.SCHEDULED, StateType.PAUSED]

Read = Callable[[Collection[str]], list[CampaignStanding]]
"""Reads the open campaigns, and those of the given slugs whatever their state."""


class Keeper:
    """Keeps what Prefect shows in step with what the ledger says, pass by pass."""

    def __init__(self, runner: Runner, client: PrefectClient, read: Read) -> None:
        self._runner = runner
        self._client = client
        self._read = read
        self._fixed = {found.name: found for found in fixed_deployments()}
        self._registered: dict[str, UUID] = {}
        self._started: dict[UUID, float] = {}

    async def bury_the_dead(self) -> None:
        """Set runs a killed process left behind to Crashed, so that they hold no place."""
        for run in await self._runs(OF_A_PROCESS):
            state: State[None] = Crashed(message="服务重新启动，此前的进程已不在")
            await self._client.set_flow_run_state(run.id, state, force=True)

    async def keep_up(self) -> None:
        """One pass: register, resume whom the ledger has overtaken, start what has no run."""
        there = await self._deployments()
        alive = await self._runs(ALIVE)
        slugs = {str(run.parameters["slug"]) for run in alive if "slug" in run.parameters}
        campaigns = await to_thread.run_sync(self._read, slugs)
        for name, deployment in self._fixed.items():
            await self._register(there.get(name), deployment)
        for standing in campaigns:
            mine = [run for run in alive if run.parameters.get("slug") == standing.slug]
            if not standing.closed:
                await self._register(there.get(standing.slug), campaign_deployment(standing))
            for run in mine:
                await self._resume_if_behind(run, standing)
            if not mine and not standing.closed:
                await self._start(standing)
        wanted = {*self._fixed, *(standing.slug for standing in campaigns)}
        for name in there.keys() - wanted:
            await self._client.delete_deployment(there[name])

    async def _register(self, there: UUID | None, deployment: RunnerDeployment) -> None:
        """Register unless this process has done so and Prefect still knows it."""
        if there is None or self._registered.get(deployment.name) != there:
            id = await self._runner.aadd_deployment(deployment)
            self._registered[deployment.name] = id

    async def _resume_if_behind(self, run: FlowRun, standing: CampaignStanding) -> None:
        """A run suspended before a move that has been carried out since goes on."""
        if run.state is None or not run.state.is_paused():
            return
        waits_after = moves_of(run.state.state_details.pause_key)
        if waits_after is not None and waits_after < standing.moves:
            await self._client.resume_flow_run(run.id)

    async def _start(self, standing: CampaignStanding) -> None:
        id = self._registered[standing.slug]
        before = self._started.get(id)
        if before is not None and time.monotonic() - before < START_AGAIN:
            return
        self._started[id] = time.monotonic()
        await self._client.create_flow_run_from_deployment(id, name=standing.short)

    async def _deployments(self) -> dict[str, UUID]:
        """Our deployments that Prefect knows, by name."""
        ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
        found: dict[str, UUID] = {}
        while page := await self._client.read_deployments(
            deployment_filter=ours, limit=PAGE, offset=len(found)
        ):
            found.update({row.name: row.id for row in page})
        return found

    async def _runs(self, states: list[StateType]) -> list[FlowRun]:
        """Our runs in these states."""
        ours = FlowRunFilter(
            tags=FlowRunFilterTags(all_=[TAG]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states)),
        )
        found: list[FlowRun] = []
        while page := await self._client.read_flow_runs(
            flow_run_filter=ours, limit=PAGE, offset=len(found)
        ):
            found += page
        return found
