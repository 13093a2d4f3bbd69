"""The environment in which Prefect runs here.

Prefect takes its settings when it is imported, so this is asked before and imports nothing of it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from config.settings import Settings

LOOPBACK = "127.0.0.1"


def prefect_environment(home: Path, port: int) -> dict[str, str]:
    """Prefect's variables: a database below `home`, an API on this machine only, nothing reported.

    Finished runs, their logs and old events are pruned by Prefect's own service.
    """
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://{LOOPBACK}:{port}/api",
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "DO_NOT_TRACK": "1",
    }


def service_environment(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """The variables of the service, below those already set by whoever starts it."""
    return {**prefect_environment(settings.home / "prefect", settings.prefect_port), **given}


def server_command() -> list[str]:
    """Start Prefect's server; address and port come from the environment."""
    return [sys.executable, "-m", "prefect", "server", "start"]
