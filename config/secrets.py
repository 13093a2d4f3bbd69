"""Robots and gateways: the ledger holds their names, the environment their secrets.

DUBAN_ROBOT_<NAME> is the address the robot's own page shows, DUBAN_ROBOT_<NAME>_SIGN its signing
key; with _FILE at the end each names a file instead. They are read anew whenever they are asked
for, so that a file that was exchanged counts without a restart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.settings import SettingsError, secret_in

PREFIX = "DUBAN_ROBOT_"
VARIABLE = re.compile(rf"{PREFIX}([A-Z0-9_]+?)(?:_SIGN)?(?:_FILE)?")


@dataclass(frozen=True)
class Robot:
    """A robot or gateway by its name; neither secret shows in its repr."""

    name: str
    _environment: Mapping[str, str] = field(repr=False)

    @property
    def variable(self) -> str:
        """The environment variable that holds its address."""
        return f"{PREFIX}{self.name}"

    def url(self) -> str:
        """The address to post to; raises SettingsError when there is none or it cannot be read."""
        url = self._secret(self.variable)
        if url is None:
            raise SettingsError(f"没有设 {self.variable}：请写上机器人或接口的网址。")
        return url

    def sign(self) -> str | None:
        """The signing key, None where the robot has none; raises SettingsError."""
        return self._secret(f"{self.variable}_SIGN")

    def _secret(self, variable: str) -> str | None:
        value, file = (self._environment.get(name) for name in (variable, f"{variable}_FILE"))
        if value and file:
            raise SettingsError(f"{variable} 与 {variable}_FILE 只能设一个，请去掉一个。")
        if file:
            return secret_in(Path(file), f"{variable}_FILE").strip() or None
        return value.strip() if value and value.strip() else None


def robots(environment: Mapping[str, str] | None = None) -> dict[str, Robot]:
    """The robots the environment names, by name."""
    given = os.environ if environment is None else environment
    found = (VARIABLE.fullmatch(name) for name, value in given.items() if value.strip())
    return {name: Robot(name, given) for name in sorted({m[1] for m in found if m})}
