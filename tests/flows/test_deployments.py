"""prefect.yaml and the flows agree."""

from __future__ import annotations

import pytest
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import load_flow_from_entrypoint

from flows.campaign import campaign
from flows.deployments import (
    MODEL,
    campaign_deployment,
    fixed_deployments,
    load_flow,
    read_entries,
)
from ledger.campaigns import CampaignState
from ledger.standings import CampaignStanding

DU_SHU = CampaignStanding(1, "du-shu-2017", "读书", CampaignState.RUNNING, 2, ())


def test_prefect_yaml_names_every_flow_there_is() -> None:
    assert set(read_entries()) == {"tick", "self_audit", "campaign"}


@pytest.mark.parametrize("name", ["tick", "self_audit", "campaign"])
def test_an_entry_imports_strictly_and_its_parameters_are_the_flows(name: str) -> None:
    entry = read_entries()[name]
    assert entry["entrypoint"] == f"flows.{name}:{name}"
    found = load_flow(entry["entrypoint"])
    assert found.fn.__module__ == f"flows.{name}"
    given = set(entry.get("parameters", {}))
    properties = found.parameters.properties
    assert given <= set(properties)
    assert set(found.parameters.required) <= given


def test_the_ticks_run_hourly_in_office_hours_and_at_nine_and_the_audit_at_night() -> None:
    schedules = {
        deployment.name: {
            (planned.schedule.cron, planned.schedule.timezone)
            for planned in deployment.schedules or []
            if isinstance(planned.schedule, CronSchedule)
        }
        for deployment in fixed_deployments()
    }
    zone = "Asia/Shanghai"
    assert schedules == {
        "tick": {("0 9 * * *", zone), ("30 8-17 * * *", zone)},
        "self_audit": {("30 22 * * *", zone)},
    }


def test_a_schedule_never_runs_twice_at_once_and_the_later_run_gives_way() -> None:
    for deployment in fixed_deployments():
        assert deployment.concurrency_limit == 1
        options = deployment.concurrency_options
        assert options is not None
        assert options.collision_strategy is ConcurrencyLimitStrategy.CANCEL_NEW


def test_a_campaigns_deployment_is_named_by_its_slug_and_its_flow_by_its_chinese_name() -> None:
    deployment = campaign_deployment(DU_SHU)
    assert (deployment.name, deployment.flow_name) == ("du-shu-2017", "读书")
    assert deployment.parameters == {"slug": "du-shu-2017"}
    assert deployment.tags == ["duban", "读书"]
    assert deployment.entrypoint == "flows.campaign.campaign"
    assert load_flow_from_entrypoint(deployment.entrypoint, use_placeholder_flow=False) is campaign
    assert MODEL not in {fixed.name for fixed in fixed_deployments()}


def test_an_entry_point_that_does_not_import_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        load_flow("flows.nowhere:nowhere")
    with pytest.raises(TypeError):
        load_flow("flows.gates:attempt_key")
