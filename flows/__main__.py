"""`python -m flows serve|up|demo`.

Prefect takes its settings from the environment when it is imported, so each command sets the
environment first and imports its module then.
"""

from __future__ import annotations

import logging
import os
import sys

from config.clock import ClockError
from config.database import Database
from config.schema import SchemaError, check_schema
from config.settings import Settings, SettingsError, read_settings
from flows.environment import service_environment

USAGE = """用法：python -m flows serve|up|demo
  serve  执行决定、发送消息、运行流程（Prefect 服务器须已在运行）
  up     启动 Prefect 服务器和 serve，两者出错都会自动重启
  demo   用一次真实的活动演示全过程，数据写在 var/demo"""


def main(arguments: list[str]) -> int:
    """Run one command; the exit code. What is wrong with the place is told in one sentence."""
    commands = {"serve": serve, "up": up, "demo": demo}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(USAGE, file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("duban").setLevel(logging.INFO)
    try:
        return commands[arguments[0]](read_settings())
    except (SettingsError, SchemaError, ClockError) as error:
        print(error, file=sys.stderr)
        return 1


def serve(settings: Settings) -> int:
    """Serve until stopped; 1 when it broke."""
    check_schema(Database(settings.database_url).engine)
    os.environ.update(service_environment(settings, os.environ))
    from flows import serve as service

    return 0 if service.serve(settings) else 1


def up(settings: Settings) -> int:
    """Become the supervisor; returns only when the service cannot start."""
    from flows.up import NotReady
    from flows.up import up as start

    try:
        start(settings)
    except NotReady as error:
        print(error, file=sys.stderr)
    return 1


def demo(settings: Settings) -> int:
    """Play the demonstration; 0 when it went through to its end."""
    from flows import demo as show

    return show.demo(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
