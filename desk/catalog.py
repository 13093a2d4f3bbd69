"""Everything that can be typed after `duban`, in the order of the help page."""

from __future__ import annotations

import click

from desk.catalog_cases import CAMPAIGN, EXTENSION, PROBLEM, SUBMISSION
from desk.catalog_house import (
    CALENDAR,
    DOCTOR,
    MIGRATE,
    MIGRATE_DATABASE,
    PLAN,
    POSTS,
    REHEARSE,
    TICK,
    UNITS,
)
from desk.catalog_messages import CHANNELS, MESSAGES
from desk.catalog_notices import NOTICE, WEB
from desk.catalog_record import ADDRESSES

COMMANDS: tuple[click.Command, ...] = (
    *(CAMPAIGN, SUBMISSION, PROBLEM, EXTENSION),
    *(PLAN, UNITS, POSTS, ADDRESSES, CALENDAR, MESSAGES, NOTICE, CHANNELS),
    *(TICK, WEB, DOCTOR, MIGRATE, MIGRATE_DATABASE, REHEARSE),
)
