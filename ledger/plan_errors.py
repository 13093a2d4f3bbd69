"""What the plan's model refuses, said in Chinese with the line it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ledger.plan_faults import Fault, among
from ledger.plan_source import Loc, Source

_SENTENCES = {
    "string_type": ("这里不是文字", "应当写文字，纯数字请加引号"),
    "string_too_short": ("这里是空的", "应当写上内容"),
    "string_pattern_mismatch": ("编号写法不对", "应当只用小写英文字母、数字和短横线，如 s1-o05"),
    "tuple_type": ("这里不是列表", "应当写成 [甲, 乙]，只有一个也要加方括号"),
}
_KINDS = {
    "int": ("这里不是整数", "应当写整数，如 3"),
    "bool": ("这里不是是非", "应当写 true 或 false"),
    "model": ("这里不是“键: 值”", "应当在下面逐行写“键: 值”"),
    "dict": ("这里不是“键: 值”", "应当在下面逐行写“键: 值”"),
    "mapping": ("这里不是“键: 值”", "应当在下面逐行写“键: 值”"),
}
_OTHER = ("内容不合要求", "请对照计划写法说明改正")


def faults_of(error: ValidationError, model: type[BaseModel], source: Source) -> list[Fault]:
    """Each thing the model refused, as a fault of the text it was read from."""
    # A name left out because the rung around it is wrong already is no fault of its own.
    return [
        _fault_of(detail, model, source)
        for detail in error.errors()
        if detail["type"] != "default_factory_not_called"
    ]


def _fault_of(detail: ErrorDetails, model: type[BaseModel], source: Source) -> Fault:
    loc, kind = detail["loc"], detail["type"]
    if kind == "missing":
        path = ".".join(filter(None, (source.path(loc[:-1]), str(loc[-1]))))
        return Fault(source.file, source.line(loc), path, "没有写", "应当补上")
    if kind == "extra_forbidden":
        known = _keys(_model_at(model, loc[:-1]))
        return source.fault(loc, f"不认得“{loc[-1]}”这个键", among(str(loc[-1]), known))
    return source.fault(loc, *_halves(detail))


def _halves(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what would be right, by the kind of the error."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "plan":
        return context["wrong"], context["right"]
    if kind == "enum":
        known = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"不认得“{detail['input']}”", among(str(detail["input"]), known)
    if kind == "greater_than_equal":
        return f"{detail['input']} 太小", f"应当不小于 {context['ge']}"
    if kind == "less_than_equal":
        return f"{detail['input']} 太大", f"应当不大于 {context['le']}"
    return _SENTENCES.get(kind) or _KINDS.get(kind.split("_")[0], _OTHER)


def _model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel]:
    """The model that governs a place: names that are no field of it are keys of a mapping."""
    for part in loc:
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                model = next(_models_in(field.annotation), model)
                break
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
