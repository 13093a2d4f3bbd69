"""Of whom a plan asks: addressees (称呼), the targets they stand for, and "the narrower wins"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import Field

from ledger.plan_part import Part, Text
from ledger.roles import Role


class Addressee(Part):
    """A name the notice uses for those it addresses: classes, units, an office, or all three.

    `classes` may name another addressee, so that a group of classes is said once. `role` alone
    means every holder of that office; with classes or units, its holders there.
    `each_person`: a duty of every person, kept as one row per unit with head-counts.
    `external`: a superior organ, whose duties stand in the calendar and are never owed.
    """

    classes: tuple[Text, ...] = Field(
        default=(), description="哪些类别的单位；也可以写另一个称呼，类别组合只写一次"
    )
    units: tuple[Text, ...] = Field(default=(), description="哪几个单位，写单位名称")
    role: Role | None = Field(
        default=None, description="哪个角色；单写是所有在任的，与 classes、units 同写是那里的"
    )
    each_person: bool = Field(default=False, description="每人一份：一个单位一行，记人数")
    external: bool = Field(default=False, description="上级单位：它的事只记在日历上，不向谁要")

    @property
    def names_someone(self) -> bool:
        """Whether anybody in the house is meant."""
        return bool(self.classes or self.units or self.role)


@dataclass(frozen=True)
class Target:
    """One kind of respondent: a class, a unit, or an office (of all, of a class, of a unit)."""

    unit_class: str | None = None
    unit: str | None = None
    role: Role | None = None
    each_person: bool = False
    but_not_classes: tuple[str, ...] = ()
    but_not_units: tuple[str, ...] = ()

    @property
    def is_everyone(self) -> bool:
        """An office wherever it is held: neither a class nor a unit is named."""
        return self.unit_class is None and self.unit is None


@dataclass(frozen=True)
class Claim:
    """A target and how widely its addressee reaches: the classes it covers, None for everyone."""

    target: Target
    reach: frozenset[str] | None

    def for_each_person(self) -> Claim:
        """The same claim, made of every person there."""
        return replace(self, target=replace(self.target, each_person=True))

    def is_narrower(self, other: Claim) -> bool:
        """Whether this one goes before the other where both speak of the same respondents."""
        if self.reach is None or other.reach is None:
            return self.reach is not None
        return self.reach < other.reach


Addressees = Mapping[str, Addressee]


def claims(addressees: Addressees, who: Sequence[str]) -> tuple[Claim, ...]:
    """What the names in `who` claim: each respondent once, at its narrowest. Unknown: none."""
    found: dict[tuple[str | None, str | None, Role | None], Claim] = {}
    for name in who:
        targets = tuple(_targets_named(addressees, name, ()))
        reach = _reach(targets)
        for target in targets:
            claim = Claim(target, frozenset() if target.unit else reach)
            key = (target.unit_class, target.unit, target.role)
            if key not in found or claim.is_narrower(found[key]):
                found[key] = claim
    return tuple(found.values())


def settle(own: Iterable[Claim], rivals: Sequence[Claim]) -> tuple[Target, ...]:
    """The targets that stay with an item beside the claims of others on the same matter."""
    kept = (_beside(claim, rivals) for claim in own)
    return tuple(target for target in kept if target is not None)


def contested(own: Iterable[Claim], rivals: Sequence[Claim]) -> tuple[Target, ...]:
    """The targets both sides claim while neither is the narrower."""
    return tuple(
        claim.target
        for claim in own
        for rival in rivals
        if _same(claim.target, rival.target)
        and not claim.is_narrower(rival)
        and not rival.is_narrower(claim)
    )


def _targets_named(addressees: Addressees, name: str, seen: tuple[str, ...]) -> Iterator[Target]:
    """The targets of one addressee; a name met again on the way down is a class of that name."""
    addressee = addressees.get(name)
    if addressee is None:
        return
    role, each = addressee.role, addressee.each_person
    for inner in addressee.classes:
        if inner in addressees and inner not in (*seen, name):
            for target in _targets_named(addressees, inner, (*seen, name)):
                yield replace(
                    target, role=role or target.role, each_person=each or target.each_person
                )
        else:
            yield Target(unit_class=inner, role=role, each_person=each)
    for unit in addressee.units:
        yield Target(unit=unit, role=role, each_person=each)
    if not addressee.classes and not addressee.units and role:
        yield Target(role=role, each_person=each)


def _reach(targets: Sequence[Target]) -> frozenset[str] | None:
    if any(target.is_everyone for target in targets):
        return None
    return frozenset(target.unit_class for target in targets if target.unit_class)


def _same(one: Target, other: Target) -> bool:
    return (one.unit_class, one.unit, one.role) == (other.unit_class, other.unit, other.role)


def _beside(claim: Claim, rivals: Sequence[Claim]) -> Target | None:
    """The claim's target without what narrower rivals take, or None when they take it whole."""
    target = claim.target
    others = [rival for rival in rivals if rival.target.role == target.role]
    if any(_same(target, rival.target) and rival.is_narrower(claim) for rival in others):
        return None
    if target.unit:
        return target
    units = tuple(rival.target.unit for rival in others if rival.target.unit)
    classes = tuple(rival.target.unit_class for rival in others if rival.target.unit_class)
    if target.unit_class:
        classes = ()
    return replace(target, but_not_classes=classes, but_not_units=units)
