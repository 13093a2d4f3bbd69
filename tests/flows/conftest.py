"""One Prefect server per session; its empty database is the template of every other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.events.worker import EventsWorker

from tests.flows.servers import Server, save_template


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real Prefect server, started once: the first start makes its database for 20 seconds."""
    found = Server(tmp_path_factory.mktemp("prefect"))
    found.start()
    save_template(found.home, found.home / "template.db")
    yield found
    # Events not yet handed over would be tried for minutes against a server that is gone.
    EventsWorker.drain_all()
    found.kill()


@pytest.fixture(scope="session")
def template(server: Server) -> Path:
    """An empty Prefect database."""
    return server.home / "template.db"
