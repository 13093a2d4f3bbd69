from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.database import Database
from config.settings import Settings, read_settings
from notifications.deliver import Counts, deliver
from notifications.memory import MemoryChannel
from tests import store
from tests.notifications.certificates import Authority
from tests.notifications.scene import CAL, NOW, Scene

Send = Callable[..., Counts]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    return read_settings(home=tmp_path, database_url=store.address(database))


@pytest.fixture
def database() -> Iterator[Database]:
    database = store.shared(store.empty())
    yield database
    database.close()


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    """Rows written by a test; committed when the test calls `scene.session.commit()`."""
    with database.writing() as session:
        yield Scene(session)


@pytest.fixture
def send(database: Database, settings: Settings, scene: Scene) -> Send:
    """Commit the scene and deliver."""

    def deliver_now(channel: MemoryChannel, now: datetime = NOW, **more: Any) -> Counts:
        scene.session.commit()
        counts = deliver(database, settings, now, CAL, channel, **more)
        scene.session.expire_all()
        return counts

    return deliver_now
