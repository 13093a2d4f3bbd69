"""duban web: serve the pages until stopped."""

from __future__ import annotations

import socket
from contextlib import suppress

import click
import uvicorn

from config.clock import now
from desk.speech import Answer
from desk.web.app import create_app
from desk.workplace import Workplace


def serve(place: Workplace, host: str | None, port: int | None) -> Answer:
    """Serve; with Ctrl-C it ends well. Says where before it begins."""
    where = (host or place.settings.web_host, port or place.settings.web_port)
    with place.database() as database, listening(*where) as door:
        app = create_app(database, place.settings, now, place.calendar)
        # A link is its own key: no line of a log may name one.
        quiet = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False
        )
        click.echo(f"网页在 http://{where[0]}:{where[1]}，按 Ctrl-C 停止。")
        with suppress(KeyboardInterrupt):  # sent on once all is put away
            uvicorn.Server(quiet).run(sockets=[door])
    return Answer({"stopped": True}, ["网页已停止。"])


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; one sentence where that cannot be."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise click.ClickException(
            f"不能在 {host}:{port} 上等人打开（{error.strerror or '地址不对'}）："
            "也许端口已被占用，请停掉占用它的程序，或改 DUBAN_WEB_HOST、DUBAN_WEB_PORT。"
        ) from error
