"""`duban web` as it really runs: a process, a port, and where there is one a browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from desk.web.serving import listening
from tests.desk.web.conftest import Web
from tests.flows.servers import free_port, wait_for

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture
def served(web: Web) -> Iterator[str]:
    """The pages, served by a process of their own; their address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    given = {
        "DUBAN_HOME": str(web.settings.home),
        "DUBAN_DATABASE_URL": web.settings.database_url,
        "DUBAN_NOW": "2017-04-17T10:30:00+08:00",
        "DUBAN_WEB_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "desk", "web"],
        env={**own, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for("the pages", lambda: there(url), 60)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert f"网页在 {url}，按 Ctrl-C 停止。" in said
    assert "网页已停止。" in said
    assert "/s/" not in said  # a link is its own key


def there(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_a_process_serves_the_page_and_signs(web: Web, served: str) -> None:
    path = web.path("联一")
    assert "签收" in httpx.get(served + path).text
    assert "已签收" in httpx.post(served + path, follow_redirects=True).text
    kept = web.hand.signature("联一", 1)
    assert (kept.signed_from or "").startswith("127.0.0.1 python-httpx")
    assert httpx.get(f"{served}/s/1.x").status_code == 404


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_it_whole_and_signs_nothing(
    web: Web, served: str, tmp_path: Path, width: int
) -> None:
    picture = tmp_path / "page.png"
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *(f"--window-size={width},900", f"--user-data-dir={tmp_path / 'profile'}"),
        *("--virtual-time-budget=3000", f"--screenshot={picture}", "--dump-dom"),
    ]
    done = subprocess.run(
        [*command, served + web.path("联一")], capture_output=True, text=True, timeout=120
    )
    assert re.search(r"<button[^>]*>签收</button>", done.stdout), done.stderr
    assert "Content Security Policy" not in done.stderr
    assert web.hand.signature("联一", 1).signed_at is None


def test_a_port_already_taken_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Exception, match=rf"不能在 127.0.0.1:{port} 上.*DUBAN_WEB_PORT"):
            listening("127.0.0.1", port)


def test_a_host_that_is_none_is_one_sentence() -> None:
    with pytest.raises(Exception, match=r"不能在 no\.such\.host\.example:8000 上"):
        listening("no.such.host.example", 8000)
