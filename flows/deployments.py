"""The deployments: prefect.yaml as it stands, and one for each open campaign after its model."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType
from ruamel.yaml import YAML

from ledger.standings import CampaignStanding

PREFECT_YAML = Path(__file__).parent.parent / "prefect.yaml"

TAG = "duban"
"""What marks our deployments and their runs among all that Prefect knows."""

MODEL = "campaign"
"""The entry of prefect.yaml after which each campaign's deployment is made."""

Entry = dict[str, Any]


def read_entries(path: Path = PREFECT_YAML) -> dict[str, Entry]:
    """The deployments of prefect.yaml by name."""
    tree = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return {entry["name"]: entry for entry in tree["deployments"]}


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """The flow behind `module:name`. A failing import raises, unlike in Prefect's own loader."""
    module, name = entrypoint.split(":")
    found = getattr(import_module(module), name)
    if not isinstance(found, Flow):
        raise TypeError(f"{entrypoint} is not a flow")
    return found


def fixed_deployments() -> list[RunnerDeployment]:
    """Those that are there whatever the ledger holds."""
    entries = read_entries()
    return [_deployment(name, entry) for name, entry in entries.items() if name != MODEL]


def campaign_deployment(standing: CampaignStanding) -> RunnerDeployment:
    """A campaign's own: named by its slug, its flow by the name people know."""
    entry = {**read_entries()[MODEL], "parameters": {"slug": standing.slug}}
    return _deployment(standing.slug, entry, standing.short)


def _deployment(name: str, entry: Entry, flow_name: str | None = None) -> RunnerDeployment:
    found = load_flow(entry["entrypoint"])
    named = found.with_options(name=flow_name) if flow_name else found
    return RunnerDeployment.from_flow(
        named,
        name=name,
        description=entry.get("description"),
        tags=[*entry["tags"], *([flow_name] if flow_name else [])],
        parameters=entry.get("parameters"),
        schedules=[_schedule(given) for given in entry.get("schedules", [])],
        concurrency_limit=_limit(entry.get("concurrency_limit")),
        # The dotted form is the one Prefect's runner imports; with a colon it copies files first.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _schedule(given: dict[str, str]) -> Schedule:
    return Cron(given["cron"], timezone=given["timezone"])


def _limit(given: dict[str, Any] | None) -> ConcurrencyLimitConfig | None:
    return ConcurrencyLimitConfig(**given) if given else None
