"""Services that take JSON: what they get, and what their answers come to."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ledger.addresses import ChannelKind
from notifications.mail import ChannelDown, TransportError, Unclear, WayClosed
from tests.notifications.outgoing import LINK, MAIL, PATIENCE, mail_to, send, settings_at
from tests.notifications.standin import (
    GIANT,
    HANG,
    LOOP,
    SLOW_BODY,
    Answer,
    StandIn,
    standing_in,
)

pytestmark = pytest.mark.no_ledger


def tell(
    home: Path,
    patch: pytest.MonkeyPatch,
    *answers: Answer | str,
    url: str = "{base}/sms?key=geheim",
    to: str = "SMS:13800000000",
    wait: float = 10.0,
) -> tuple[str, StandIn]:
    with standing_in(*answers) as stand_in:
        place = stand_in.base.partition("://")[2]
        patch.setenv("DUBAN_ROBOT_SMS", url.format(base=stand_in.base, place=place))
        mail = mail_to(to)
        return send(settings_at(home), ChannelKind.WEBHOOK, mail, wait=wait), stand_in


def refused(
    home: Path, patch: pytest.MonkeyPatch, answer: Answer | str, wait: float = 10.0
) -> TransportError:
    with pytest.raises(TransportError) as error:
        tell(home, patch, answer, wait=wait)
    return error.value


def test_the_service_gets_five_words_and_the_messages_own_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Answer('{"taken": true}')
    said, stand_in = tell(tmp_path, monkeypatch, answer)
    (posted,) = stand_in.posted
    assert said == 'HTTP 200 {"taken": true}'
    assert (posted.method, posted.path, posted.query) == ("POST", "/sms", {"key": "geheim"})
    assert posted.body == {
        "to": "13800000000",
        "subject": MAIL.subject,
        "text": MAIL.text,
        "link": LINK,
        "id": MAIL.key,
    }


def test_without_a_number_it_is_told_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(tmp_path, monkeypatch, to="SMS")
    assert stand_in.posted[0].body["to"] == MAIL.to_name


def test_an_address_of_apprises_brings_headers_a_password_and_parameters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "json://user:p%40ss@{place}/a/b?+X-Token=abc123def&-mode=sms"
    _, stand_in = tell(tmp_path, monkeypatch, url=url)
    (posted,) = stand_in.posted
    assert (posted.path.rstrip("/"), posted.query) == ("/a/b", {"mode": "sms"})
    assert posted.headers["X-Token"] == "abc123def"
    pair = base64.b64encode(b"user:p@ss").decode()
    assert posted.headers["Authorization"] == f"Basic {pair}"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_status_of_success_is_enough(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, _ = tell(tmp_path, monkeypatch, Answer("", status))
    assert said == f"HTTP {status}"


@pytest.mark.parametrize("body", [{"success": False}, {"ok": False}, {"errcode": 7}])
def test_a_body_that_says_no_is_a_failure(
    body: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(refused(tmp_path, monkeypatch, Answer(body)), WayClosed)


@pytest.mark.parametrize("body", ["ok", "{", {"code": 200}, {"success": True, "errcode": "0"}])
def test_any_other_body_is_none(
    body: str | dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tell(tmp_path, monkeypatch, Answer(body))[0].startswith("HTTP 200")


@pytest.mark.parametrize(
    ("status", "error", "permanent"),
    [
        (500, TransportError, False),
        (429, TransportError, False),
        (413, TransportError, True),
        (401, WayClosed, True),
        (422, WayClosed, True),
    ],
)
def test_a_status_says_whether_to_try_again(
    status: int,
    error: type[TransportError],
    permanent: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = refused(tmp_path, monkeypatch, Answer("", status))
    assert type(found) is error and found.permanent is permanent


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        (HANG, Unclear, "太久"),
        (SLOW_BODY, Unclear, "太久"),
        (GIANT, Unclear, "64 KB"),
        (LOOP, WayClosed, "不跟随"),
    ],
)
def test_a_service_that_behaves_badly_gets_one_sentence(
    how: str,
    error: type[TransportError],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = refused(tmp_path, monkeypatch, how, PATIENCE)
    assert type(found) is error and said in str(found) and "\n" not in str(found)


@pytest.mark.parametrize(
    "url",
    ["http://云川..example/x", "https://[abc/x", "http://sms.example:99999/x", "json://a..b/x"],
)
def test_an_address_without_a_host_is_said_so(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_SMS", url)
    with pytest.raises(WayClosed, match="网址"):
        send(settings_at(tmp_path), ChannelKind.WEBHOOK, mail_to("SMS:1"))


def test_a_service_out_of_reach_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_ROBOT_SMS", "http://localhost:1/")
    with pytest.raises(TransportError, match="连不上 localhost") as found:
        send(settings_at(tmp_path), ChannelKind.WEBHOOK, mail_to("SMS:1"))
    assert not isinstance(found.value, ChannelDown) and not found.value.permanent


@pytest.mark.parametrize(
    "told",
    [
        base64.b64encode(b"office1:p@ss").decode(),
        base64.b64encode(b"office1:p@ss").decode().rstrip("="),
        *("office1", "p@ss", "p%40ss", "a1b2", "pin9", "abc123def"),
    ],
)
def test_nothing_of_its_address_comes_back_with_its_words(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "json://office1:p%40ss@{place}/a1b2/send?+X-Token=abc123def&-n=pin9"
    said, _ = tell(tmp_path, monkeypatch, Answer(f"taken ({told}), xa1b2x"), url=url)
    assert said == "HTTP 200 taken (****), xa1b2x"


def test_markdown_stays_out_of_short_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stand_in = tell(tmp_path, monkeypatch)
    assert "**" not in stand_in.posted[0].body["text"]
