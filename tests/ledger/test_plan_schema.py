"""The JSON Schema of a plan: what editors complete, explain and check while a plan is typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ledger.plan_schema import plan_schema
from ledger.plan_source import read_source
from tests.ledger.plans import HEAD, ITEM, WHO, faults_of, plan_text

pytestmark = pytest.mark.no_ledger

CAMPAIGNS = Path(__file__).parents[2] / "config/campaigns"
PLANS = sorted(CAMPAIGNS.glob("*.yaml"))
VALIDATOR = Draft202012Validator(plan_schema())


def complaints(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(read_source(text, "plan.yaml").tree)]


def keys(node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key a plan can have, with what the schema says of it."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"].items()
        for inner in node.values():
            yield from keys(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from keys(inner)


def test_it_is_a_schema_of_the_draft_it_names() -> None:
    schema = plan_schema()
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_every_key_is_described_in_chinese() -> None:
    found = dict(keys(plan_schema()))
    assert {"slug", "from", "at", "classes", "min", "after", "move"} <= set(found)
    for key, said in found.items():
        assert any("一" <= letter <= "鿿" for letter in said.get("description", "")), key


@pytest.mark.parametrize("file", PLANS, ids=lambda file: file.stem)
def test_every_plan_passes_and_names_the_schema_beside_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert complaints(text) == []
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (CAMPAIGNS / named).is_file()


def test_the_schema_beside_the_plans_is_the_one_the_command_prints() -> None:
    """Put right with `duban plan schema > config/campaigns/plan.schema.json`."""
    kept = json.loads((CAMPAIGNS / "plan.schema.json").read_text(encoding="utf-8"))
    assert kept == plan_schema()


REST = """\
ends: 2017年底
ladders:
  submission: [{at: 2, to: [主要负责人]}]
  own: {rungs: [{at: 1, to: [联络员], every: 5}], monthly_to: null}
stages:
  - {id: a, name: 甲, from: 2017-03上旬, until: 2017七一前, opens: office}
  - {id: b, name: 乙, from: 2017, until: campaign_end, opens: {after: [a]}}
"""


@pytest.mark.parametrize(
    "item",
    [
        "due: opened+5, stage: a",
        "due: opened + 5, stage: a",
        "due: stage_end, stage: a",
        "due: campaign_end",
        "due: null",
        "from: 2017-03, until: 2017-04月底, passed: {move: 2017-05}",
        "quota: 2, passed: keep",
        "quota: {min: 2, max: 3}, cycle: daily, report: monthly",
    ],
)
def test_every_spelling_the_reader_knows_passes(item: str) -> None:
    text = plan_text(rest=REST, items=f"  - {{id: x, what: 总结, who: [各单位], {item}}}\n")
    assert faults_of(text) == []
    assert complaints(text) == []


@pytest.mark.parametrize(
    "text",
    [
        plan_text(head=HEAD + "colour: 红\n"),
        plan_text(who=WHO + "  校友: {人数: 3}\n"),
        plan_text(rest="workstreams: {甲: 学习}\n"),
        plan_text(rest="ladders: {submission: [{on: 2, to: [联络员]}]}\n"),
        plan_text(rest="stages:\n  - {id: a, name: 甲, opens: 领导定}\n"),
        *(
            plan_text(items=ITEM.replace("due: 2017-06-30", wrong))
            for wrong in (
                "untill: 2017-06",
                "due: 六月底",
                "due: opened-5",
                "from: campaign_end",
                "cycle: weakly",
                "quota: 0",
                "quota: 两篇",
                "review: 也许",
                "passed: {drop: 2017-05}",
            )
        ),
    ],
)
def test_what_the_reader_refuses_is_marked_while_it_is_typed(text: str) -> None:
    assert faults_of(text)
    assert complaints(text)
