"""How a plan is written, as a JSON Schema: an editor completes and checks a plan while it is typed.

The schema knows every key, its kind and its words. What the parts mean to each other (a stage that
is not there, a window turned round) is for `duban plan check` to say.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema

from ledger.plan_model import Plan

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Spelling(GenerateJsonSchema):
    """The keys with their Chinese descriptions; no titles, no words that are for programmers."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        whole = super().generate(schema, mode)
        for part in (whole, *whole["$defs"].values()):
            for variant in (part, *part.get("anyOf", ())):
                for key in ("title", "description"):
                    variant.pop(key, None)
        return whole


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a plan's text, dates as they are written there."""
    said = Plan.model_json_schema(by_alias=True, schema_generator=_Spelling)
    return {"$schema": DIALECT, "title": "督办活动方案", **said}
