"""duban migrate: the database is created, or brought to the version this program needs."""

from __future__ import annotations

from desk.speech import Answer
from desk.workplace import Workplace


def migrate(place: Workplace) -> Answer:
    """All of it or nothing."""
    # Alembic takes most of a second to import, which no other command should pay.
    from migrations import upgrade

    revision = upgrade(place.settings.database_url)
    words = f"数据库已就绪，版本 {revision}。"
    return Answer({"revision": revision, "home": str(place.settings.home)}, [words])
