"""What no single field shows: whether a plan agrees with itself, and with the units there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from ledger.periods import REPEATING, Cycle
from ledger.plan_addressees import Target
from ledger.plan_dates import STAGE_END, OpenedPlus
from ledger.plan_faults import Fault, among, listed
from ledger.plan_items import Item
from ledger.plan_model import Plan
from ledger.plan_parts import OpeningKind, Stage
from ledger.plan_source import Loc


class Finding(NamedTuple):
    """A fault before it has its line."""

    loc: Loc
    wrong: str
    right: str


def check(plan: Plan, unreadable: Collection[Loc] = ()) -> list[Fault]:
    """Every disagreement within a plan.

    `unreadable`: the places of values already refused; the parts around them are judged no further.
    """
    judged_already = {loc[:2] for loc in unreadable}
    ladders = {*plan.ladders, *(str(loc[1]) for loc in judged_already if loc[0] == "ladders")}
    findings = [
        *_campaign(plan),
        *_addressees(plan),
        *_stages(plan),
        *_items(plan, ladders),
    ]
    return [plan.fault(*finding) for finding in findings if finding.loc[:2] not in judged_already]


def check_against(
    plan: Plan, classes: Mapping[str, int], unit_names: Collection[str]
) -> list[Fault]:
    """What is asked of a class no unit has (`classes`: units per class), or of no unit known."""
    known = {
        "classes": {name for name, count in classes.items() if count},
        "units": set(unit_names),
    }
    faults = []
    for (kind, name), asking in _asked_of(plan).items():
        if name not in known[kind]:
            wrong = f"没有一个单位{'属于类别' if kind == 'classes' else '叫'}“{name}”"
            wrong += f"，而 {listed(asking, 3)} 要它报送"
            right = among(name, sorted(known[kind]))
            faults.append(plan.fault(_place_of(plan, kind, name), wrong, right))
    return faults


def _asked_of(plan: Plan) -> dict[tuple[str, str], list[str]]:
    """For each class and each unit named, the items that ask it."""
    asked: dict[tuple[str, str], list[str]] = {}
    for item in plan.items:
        for target in plan.targets(item):
            if target.unit_class:
                asked.setdefault(("classes", target.unit_class), []).append(item.id)
            if target.unit:
                asked.setdefault(("units", target.unit), []).append(item.id)
    return asked


def _place_of(plan: Plan, kind: str, name: str) -> Loc:
    """Where a class or a unit is first named as such, rather than as another addressee."""
    for key, addressee in plan.addressees.items():
        names = addressee.classes if kind == "classes" else addressee.units
        if name in names and (kind == "units" or name == key or name not in plan.addressees):
            return ("addressees", key, kind, names.index(name))
    return ("addressees",)


def _campaign(plan: Plan) -> Iterator[Finding]:
    if plan.ends and plan.launched and plan.ends < plan.launched:
        yield Finding(
            ("ends",), f"活动在启动（{plan.launched}）之前结束（{plan.ends}）", "应当晚于启动日期"
        )


def _addressees(plan: Plan) -> Iterator[Finding]:
    named = {
        name: [inner for inner in addressee.classes if inner != name and inner in plan.addressees]
        for name, addressee in plan.addressees.items()
    }
    for name, addressee in plan.addressees.items():
        if addressee.external and addressee.names_someone:
            yield Finding(
                ("addressees", name, "external"),
                "上级单位不在本单位的名册里",
                "应当去掉 classes、units、role，或去掉 external",
            )
        elif not (addressee.external or addressee.names_someone):
            right = "应当写 classes、units 或 role 之一；上级单位写 external: true"
            yield Finding(("addressees", name), "没有指向任何人", right)
    for ring in _rings(named):
        chain = " → ".join(reversed(ring))
        yield Finding(("addressees", ring[0]), f"称呼互相引用：{chain}", "应当至少有一个写到类别")


def _stages(plan: Plan) -> Iterator[Finding]:
    yield from _repeated("stages", plan.stages)
    ids = [stage.id for stage in plan.stages]
    for at, stage in enumerate(plan.stages):
        loc = ("stages", at)
        yield from _window(loc, stage)
        if stage.parent and stage.parent not in ids:
            yield _no_stage((*loc, "parent"), stage.parent, ids)
        if stage.opens and stage.opens.kind is OpeningKind.DATE and not stage.from_:
            yield Finding((*loc, "opens"), "要按日期启动，却没有写 from", "应当补上 from")
        for other in stage.opens.after if stage.opens else ():
            if other not in ids:
                yield _no_stage((*loc, "opens"), other, ids)
    yield from _waiting_in_a_ring(plan, ids)


def _waiting_in_a_ring(plan: Plan, ids: Sequence[str]) -> Iterator[Finding]:
    inside = {stage.id: _known([stage.parent], ids) for stage in plan.stages}
    rings = _rings(inside)
    # How a stage opens may be its parent's to say: not asked while the parents run in a ring.
    if not rings and all(stage.parent in (None, *ids) for stage in plan.stages):
        waits = {
            stage.id: [*inside[stage.id], *_known(plan.opening_of(stage).after, ids)]
            for stage in plan.stages
        }
        rings = _rings(waits)
    for ring in rings:
        yield Finding(
            ("stages", ids.index(ring[0])),
            f"阶段互相等待，谁也启动不了：{' → '.join(ring)}",
            "应当去掉其中一个 parent 或 after",
        )


def _items(plan: Plan, ladders: Collection[str]) -> Iterator[Finding]:
    yield from _repeated("items", plan.items)
    stages = [stage.id for stage in plan.stages]
    for at, item in enumerate(plan.items):
        loc = ("items", at)
        yield from _window(loc, item)
        yield from _respondents(plan, loc, item)
        yield from _report(loc, item)
        if item.stage and item.stage not in stages:
            yield _no_stage((*loc, "stage"), item.stage, stages)
        if item.workstream and item.workstream not in plan.workstreams:
            right = among(item.workstream, list(plan.workstreams))
            yield Finding((*loc, "workstream"), f"没有“{item.workstream}”这条工作线", right)
        if item.ladder not in ladders:
            right = among(item.ladder, sorted(ladders))
            yield Finding((*loc, "ladder"), f"没有“{item.ladder}”这个逐级提醒", right)
        if (item.due is STAGE_END or isinstance(item.due, OpenedPlus)) and not item.stage:
            right = "应当补上 stage，或写具体日期"
            yield Finding((*loc, "due"), "要随阶段定日期，却没有写 stage", right)


def _respondents(plan: Plan, loc: Loc, item: Item) -> Iterator[Finding]:
    place = (*loc, "who")
    unknown = list(_not_addressed(plan, place, item.who))
    yield from unknown
    yield from _not_addressed(plan, (*loc, "reporter"), item.reporter)
    contested = plan.contested(item)
    for target in contested:
        yield Finding(
            (*loc, "matter"),
            f"同一件事（{item.matter}）的另一事项也要“{_said(target)}”报送，分不出谁的范围更窄",
            "应当让其中一个称呼的范围更窄，或改成两件事",
        )
    asks_nobody = not unknown and not contested and not plan.targets(item)
    if asks_nobody and not (item.who and plan.is_external(item)):
        everyone = [name for name in item.who if plan.addressees[name].names_someone]
        right = "范围更窄的事项已全部承担，应当删去这一项" if everyone else "应当写明由谁报送"
        yield Finding(place, "这一事项没有人报送", right)


def _not_addressed(plan: Plan, loc: Loc, names: Sequence[str]) -> Iterator[Finding]:
    known = list(plan.addressees)
    for at, name in enumerate(names):
        if name not in known:
            yield Finding((*loc, at), f"addressees 里没有“{name}”这个称呼", among(name, known))


def _report(loc: Loc, item: Item) -> Iterator[Finding]:
    """`report` is a cycle of the calendar, and not shorter than the cycle of what it reports."""
    if item.report is None:
        return
    lengths = (Cycle.DAILY, *REPEATING)
    if item.cycle not in lengths:
        wrong = f"“{item.cycle}”的事项没有固定的次数，不能另定多久报一次"
        yield Finding((*loc, "report"), wrong, "应当删去 report")
    elif item.report not in REPEATING or lengths.index(item.report) < lengths.index(item.cycle):
        longer = [
            cycle.value for cycle in REPEATING if cycle in lengths[lengths.index(item.cycle) :]
        ]
        wrong = f"“{item.cycle}”的事项不能按“{item.report}”报"
        yield Finding((*loc, "report"), wrong, f"应当是其中之一：{listed(longer, 25)}")


def _no_stage(loc: Loc, id: str, ids: Sequence[str]) -> Finding:
    return Finding(loc, f"没有“{id}”这个阶段", among(id, ids))


def _said(target: Target) -> str:
    return "".join(filter(None, (target.unit_class, target.unit, target.role)))


def _window(loc: Loc, part: Stage | Item) -> Iterator[Finding]:
    if part.from_ and part.last and part.last < part.from_:
        yield Finding(
            (*loc, "until"),
            f"在开始（{part.from_}）之前就结束（{part.last}）",
            "应当不早于 from",
        )


def _repeated(key: str, parts: tuple[Stage, ...] | tuple[Item, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, id in enumerate(part.id for part in parts):
        if id in seen:
            yield Finding((key, at, "id"), f"编号“{id}”前面已经用过", "应当每项用自己的编号")
        seen.add(id)


def _known(names: Iterable[str | None], known: Collection[str]) -> list[str]:
    return [name for name in names if name is not None and name in known]


def _rings(waits_for: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The rings in a graph, each once; a ring found is cut before the next is looked for."""
    graph = {name: list(others) for name, others in waits_for.items()}
    rings: list[list[str]] = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring: list[str] = error.args[1]
            rings.append(ring)
            graph[ring[0]] = []
        else:
            return rings
