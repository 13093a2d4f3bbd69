"""Everything that can be typed after `duban`, in the order of the help page."""

from __future__ import annotations

import click

from desk.catalog_cases import CAMPAIGN, EXTENSION, PROBLEM, SUBMISSION
from desk.catalog_house import (
    CALENDAR,
    CHANNELS,
    DOCTOR,
    MESSAGES,
    MIGRATE,
    MIGRATE_DATABASE,
    PLAN,
    POSTS,
    REHEARSE,
    TICK,
    UNITS,
)
from desk.catalog_notices import NOTICE, WEB

COMMANDS: tuple[click.Command, ...] = (
    *(CAMPAIGN, SUBMISSION, PROBLEM, EXTENSION),
    *(PLAN, UNITS, POSTS, CALENDAR, MESSAGES, NOTICE, CHANNELS),
    *(TICK, WEB, DOCTOR, MIGRATE, MIGRATE_DATABASE, REHEARSE),
)
