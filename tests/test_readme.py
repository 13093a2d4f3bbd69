"""README's words and the code agree: commands, settings, deployments, make targets, files."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import click
import pytest
import yaml

from config.settings import Settings, variable
from desk.catalog import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HANDBOOK = (ROOT / "docs" / "handbook.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    return README.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]


def rows(name: str) -> list[list[str]]:
    lines = [line for line in section(name).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_command_stands_in_the_readme_and_nothing_else() -> None:
    written = {}
    for command, _ in rows("Commands"):
        group, *verbs = re.findall(r"`([^`]+)`", command)
        written[group.removeprefix("duban ")] = verbs
    there = {
        command.name: list(command.commands) if isinstance(command, click.Group) else []
        for command in COMMANDS
    }
    assert written == there


def test_every_setting_stands_in_the_readme_with_its_default_and_meaning() -> None:
    def said(default: object) -> str:
        if default is None:
            return ""
        return f"`{default:%H:%M}`" if isinstance(default, time) else f"`{default}`"

    there = [
        [f"`{variable(name)}`", said(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert [row for row in rows("Settings") if row[0] != "`DUBAN_NOW`"] == there


def test_every_deployment_stands_in_the_readme() -> None:
    declared = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    names = {f"`{deployment['name']}`" for deployment in declared["deployments"]}
    assert {row[0] for row in rows("Deployments in Prefect")} == names


@pytest.mark.parametrize("text", [README, HANDBOOK], ids=["README", "handbook"])
def test_what_is_to_be_typed_exists(text: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z-]+)", text)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    groups = {command.name: command for command in COMMANDS}
    for group, verb in set(re.findall(r"(?:^|`)duban ([a-z]+)(?:[ `]+([a-z-]+))?", text, re.M)):
        assert group in groups, group
        command = groups[group]
        if isinstance(command, click.Group) and verb:
            assert verb in command.commands, (group, verb)


@pytest.mark.parametrize("text", [README, HANDBOOK], ids=["README", "handbook"])
def test_what_is_linked_is_there(text: str) -> None:
    folder = ROOT if text is README else ROOT / "docs"
    for target in re.findall(r"\]\(([^)#][^)]*)\)", text):
        if "://" not in target:
            assert (folder / target).exists(), target
