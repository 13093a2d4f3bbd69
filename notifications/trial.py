"""Trying out the bureau's templates before a message needs them: every kind, with its sample."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledger.letters import Letter, SignBy
from notifications.faults import Fault
from notifications.kinds import Face
from notifications.rendering import Place, render
from notifications.samples import AT, ZONE, Sample, sample

# Whoever tries templates out shows the faults; they need not be heard of a second time.
logging.getLogger("duban.templates").addHandler(logging.NullHandler())

LINK = "https://duban.example"
MANY = 50


def faults(templates: Path | None) -> tuple[Fault, ...]:
    """What is wrong with the bureau's templates, those included that fail only in use."""
    place = Place(ZONE, LINK, templates)
    if place.wording.overrides.sources:
        for kind in Face:
            one = sample(kind)
            for letter in (one.letter, _full(one)):
                render(letter, AT, place, one.notice, one.sign_link)
    return tuple(place.wording.faults)


def _full(one: Sample) -> Letter:
    """The sample with all a letter can hold, so that no branch is left untried."""
    lines = (one.letter.lines * MANY)[:MANY]
    return replace(
        one.letter,
        lines=tuple(replace(line, provisional=True) for line in lines),
        rest=MANY,
        again=True,
        instead_of="周正",
        stands_in=("周正",),
        sign_by=SignBy(date(2026, 5, 15), True),
    )
