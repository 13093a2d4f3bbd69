"""The HTTP client, against a server that behaves badly in every way."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from urllib.parse import urlsplit

import pytest

from notifications.channels.web import LONGEST_ANSWER, Question, Web
from notifications.mail import ChannelDown, Unclear, WayClosed
from tests.notifications.certificates import Authority
from tests.notifications.outgoing import PATIENCE
from tests.notifications.standin import (
    DROP,
    GIANT,
    HALF,
    HANG,
    LOOP,
    NONSENSE,
    SLOW_BODY,
    TRICKLE,
    Answer,
    StandIn,
    standing_in,
)

pytestmark = pytest.mark.no_ledger


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web(deadline=PATIENCE)
    yield web
    web.close()


def to(stand_in: StandIn, path: str = "/x?key=geheim") -> Question:
    return Question(urlsplit(stand_in.base + path), b"{}")


@pytest.mark.parametrize(
    ("how", "said"),
    [(HANG, "太久"), (TRICKLE, "太久"), (DROP, "断开"), (NONSENSE, "不是 HTTP")],
)
def test_who_gives_no_answer_leaves_it_open(web: Web, how: str, said: str) -> None:
    with standing_in(how) as stand_in, pytest.raises(Unclear, match=said):
        web.ask(to(stand_in))


@pytest.mark.parametrize(("how", "said"), [(SLOW_BODY, "太久"), (HALF, "一半"), (GIANT, "64 KB")])
def test_a_body_without_end_is_read_no_further(web: Web, how: str, said: str) -> None:
    with standing_in(how) as stand_in:
        reply = web.ask(to(stand_in))
        assert reply.status == 200
        assert said in reply.cut
        assert len(reply.body) <= LONGEST_ANSWER
        assert web.ask(to(stand_in)).cut == ""
        assert stand_in.connections == 2


def test_no_redirect_is_followed(web: Web) -> None:
    with standing_in(LOOP) as stand_in:
        assert web.ask(to(stand_in)).status == 302
        assert len(stand_in.posted) == 1


def test_a_connection_the_server_closed_in_the_meantime_is_opened_anew(web: Web) -> None:
    with standing_in(Answer(closes=True)) as stand_in:
        web.ask(to(stand_in))
        web.ask(to(stand_in))
        assert (len(stand_in.posted), stand_in.connections) == (2, 2)


def test_a_connection_that_went_away_while_idle_is_opened_anew(web: Web) -> None:
    with standing_in(Answer(leaves=True)) as stand_in:
        web.ask(to(stand_in))
        assert stand_in.left.wait(5)
        assert web.ask(to(stand_in)).status == 200
        assert (len(stand_in.posted), stand_in.connections) == (2, 2)


def test_a_server_out_of_reach_takes_nothing_from_anybody(web: Web) -> None:
    with pytest.raises(ChannelDown, match="localhost"):
        web.ask(Question(urlsplit("http://localhost:1/")))


def test_a_host_that_is_none_takes_nothing_from_anybody(web: Web) -> None:
    with pytest.raises(ChannelDown, match=r"nobody\.invalid"):
        web.ask(Question(urlsplit("http://nobody.invalid/")))


@pytest.mark.parametrize("url", ["https://a..b/", "http://x:0/", "http://x:99999/", "http:///"])
def test_an_address_without_a_host_or_port_is_no_question(web: Web, url: str) -> None:
    with pytest.raises(WayClosed, match="主机名或端口"):
        web.ask(Question(urlsplit(url)))


@pytest.mark.parametrize("headers", [{"X": "a\r\nB: c"}, {"X": "值"}])
def test_no_header_can_be_smuggled_in(web: Web, headers: dict[str, str]) -> None:
    with standing_in() as stand_in:
        question = Question(urlsplit(stand_in.base), b"{}", headers)
        with pytest.raises(WayClosed, match="请改正"):
            web.ask(question)
        assert stand_in.posted == []


def test_no_proxy_of_the_environment_is_asked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://localhost:1")
    with standing_in() as stand_in:
        assert web.ask(to(stand_in)).status == 200


def test_a_certificate_nobody_vouches_for_is_refused(authority: Authority, tmp_path: Path) -> None:
    with standing_in(context=authority.server("localhost")) as stand_in:
        with pytest.raises(ChannelDown, match=r"证书不可信.*DUBAN_CA_FILE"):
            Web(deadline=PATIENCE).ask(to(stand_in))
        assert stand_in.posted == []


def test_a_certificate_of_the_bureaus_own_authority_is_trusted(authority: Authority) -> None:
    with standing_in(context=authority.server("localhost")) as stand_in:
        web = Web(authority.file, 10.0)
        assert [web.ask(to(stand_in)).status for _ in range(2)] == [200, 200]
        web.close()
        assert stand_in.connections == 1


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with (
        standing_in(context=authority.server("elsewhere.example")) as stand_in,
        pytest.raises(ChannelDown, match="证书不可信"),
    ):
        Web(authority.file, PATIENCE).ask(to(stand_in))


def test_a_file_of_authorities_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("不是证书")
    with pytest.raises(ChannelDown, match=r"DUBAN_CA_FILE.*ca\.pem"):
        Web(file).ask(Question(urlsplit("https://localhost:1/")))


def test_a_server_that_speaks_no_tls_is_told_apart() -> None:
    with standing_in() as stand_in, pytest.raises(ChannelDown, match="加密连接"):
        place = urlsplit(stand_in.base)._replace(scheme="https")
        Web(deadline=PATIENCE).ask(Question(place))


def test_a_server_that_never_shakes_hands_is_given_up(authority: Authority) -> None:
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        with pytest.raises(ChannelDown, match="太久"):
            Web(authority.file, PATIENCE).ask(Question(urlsplit(f"https://localhost:{port}/")))


def test_the_context_checks_names_and_certificates() -> None:
    from notifications.tls import trusting

    context = trusting(None)
    assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
