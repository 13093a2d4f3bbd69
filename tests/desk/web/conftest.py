"""A bureau with a notice to sign for, and a browser that knows nothing but its link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from config.secret_key import secret_key
from config.settings import Settings, read_settings
from desk.web.app import create_app
from ledger.messages import MessageState
from notifications.links import Links
from tests.ledger.hand import CAL, FRIDAY, Hand, moment
from tests.store import address, shared


@dataclass
class Web:
    """The pages over one ledger; `now` is what its clock shows."""

    hand: Hand
    settings: Settings
    now: str = "2017-04-17 10:30"

    def browser(self, **more: object) -> TestClient:
        """A browser on a phone at 10.0.0.8."""
        app = create_app(self.hand.database, self.settings, lambda: moment(self.now), CAL)
        headers = {"user-agent": "手机 Mobile/1.0".encode()}
        given = {"client": ("10.0.0.8", 40000), "headers": headers, **more}
        return TestClient(app, raise_server_exceptions=False, **given)  # type: ignore[arg-type]

    def path(self, name: str, number: int | None = None) -> str:
        """The path of someone's link."""
        links = Links(self.settings.base_url, secret_key(self.settings))
        with self.hand.database.reading() as session:
            url = links.url(self.hand.message(session, name, number).id)
        return url.removeprefix(self.settings.base_url)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A notice to 第一中学 that has left and is to be signed for until Tuesday."""
    hand = Hand(shared(Hand().database))
    settings = read_settings(home=tmp_path, database_url=address(hand.database))
    number = hand.announce(units=["第一中学"], within=2, text="请今晚值班。\n<b>不要</b>离岗。")
    hand.put("联一", number, MessageState.SENT, sent_at=moment(FRIDAY))
    yield Web(hand, settings)
    hand.database.close()
