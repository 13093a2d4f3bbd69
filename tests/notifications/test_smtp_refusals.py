"""What an SMTP server's refusals come to, for the address and for the message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.addresses import ChannelKind
from notifications.mail import AddressDead, ChannelDown, TransportError, WayClosed
from tests.notifications.outgoing import MAIL, send, settings_at
from tests.notifications.sink import Sink, listening

pytestmark = pytest.mark.no_ledger


def refused(home: Path, sink: Sink) -> TransportError:
    with listening(sink) as port, pytest.raises(TransportError) as error:
        place = {"smtp_host": "localhost", "smtp_port": port, "smtp_security": "none"}
        settings = settings_at(home, mail_from="office@yunchuan.example", **place)
        send(settings, ChannelKind.EMAIL, MAIL)
    return error.value


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("550 5.1.1 no such user", AddressDead),
        ("550 no such user", AddressDead),
        ("553 mailbox name not allowed", AddressDead),
        ("550 5.2.1 mailbox disabled", AddressDead),
        ("550 5.1.10 null MX", AddressDead),
        ("550 5.7.1 relay denied", WayClosed),
        ("554 5.7.1 policy", WayClosed),
        ("550 relay not permitted", WayClosed),
        ("550 Suspected spam", WayClosed),
        ("554 DT:SPM 163 smtp", WayClosed),
        ("552 5.2.2 mailbox full", WayClosed),
        ("550 5.2.3 too long for this mailbox", WayClosed),
        ("550 mailbox is full", WayClosed),
        ("552 exceeded storage allocation", WayClosed),
        ("552 no", WayClosed),
        ("550 5.4.4 unable to route", WayClosed),
        ("552 message size exceeds fixed maximum", TransportError),
        ("552 5.3.4 too big", TransportError),
        ("550 5.1.8 bad sender", ChannelDown),
    ],
)
def test_only_a_missing_mailbox_costs_the_address(
    reply: str, error: type[TransportError], tmp_path: Path
) -> None:
    found = refused(tmp_path, Sink(to_recipients=[reply]))
    assert type(found) is error
    assert found.permanent is (error is not ChannelDown)
    assert reply in str(found)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("554 5.6.0 content", TransportError),
        ("550 virus", TransportError),
        ("550 5.7.1 message content rejected", TransportError),
        ("552 Illegal attachment", TransportError),
        ("554 rejected, full details at mail.example", TransportError),
        ("550 5.1.1 odd", WayClosed),
        ("552 5.2.2 mailbox full", WayClosed),
        ("552 Quota exceeded", WayClosed),
        ("550 5.1.8 bad sender", ChannelDown),
    ],
)
def test_a_mail_that_is_refused_does_not_cost_the_address(
    reply: str, error: type[TransportError], tmp_path: Path
) -> None:
    found = refused(tmp_path, Sink(answers=[reply]))
    assert type(found) is error and reply in str(found)
    assert found.permanent is (error is not ChannelDown)
