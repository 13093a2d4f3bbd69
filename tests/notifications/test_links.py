from __future__ import annotations

import pytest

from notifications.links import Links

pytestmark = pytest.mark.no_ledger

LINKS = Links("https://ju.example", "k" * 32)


@pytest.mark.parametrize("message_id", [1, 42, 9_999_999])
def test_a_link_leads_back_to_its_message(message_id: int) -> None:
    url = LINKS.url(message_id)
    assert url.startswith("https://ju.example/s/")
    assert LINKS.read(url.removeprefix("https://ju.example/s/")) == message_id


def test_it_is_the_same_each_time_so_that_old_messages_stay_open() -> None:
    assert LINKS.url(7) == Links("https://ju.example", "k" * 32).url(7)


def test_it_ends_in_a_sign_that_mail_programs_take_as_part_of_it() -> None:
    assert all(LINKS.token(id)[-1].isalnum() for id in range(500))


def test_no_change_to_it_is_taken() -> None:
    token = LINKS.token(42)
    signs = "Aa0-_.=~ \n" + "é"
    others = {token[:at] + sign + token[at + 1 :] for at in range(len(token)) for sign in signs}
    others |= {token + sign for sign in signs} | {sign + token for sign in signs}
    others |= {token[:at] for at in range(len(token))} | {token.upper(), "42", "42.", ".", ""}
    assert {LINKS.read(other) for other in others - {token}} == {None}


def test_another_key_reads_nothing() -> None:
    assert Links("https://ju.example", "j" * 32).read(LINKS.token(42)) is None
