"""What every part of a plan has in common: its spelling, and how an editor may help to write it.

The description of a field is what an editor shows of the key while a plan is typed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Part(BaseModel):
    """A part of a plan: it never changes, and a key nobody knows is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def or_bare(key: str) -> Callable[[dict[str, Any]], None]:
    """For `json_schema_extra`: the part may also be written as the value of this one key."""

    def allow(schema: dict[str, Any]) -> None:
        whole = dict(schema)
        schema.clear()
        schema["anyOf"] = [whole["properties"][key], whole]

    return allow
