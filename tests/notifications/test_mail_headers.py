"""The headers of a mail with names of any length, and what cannot be written at all."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path

import pytest

from notifications.mail import Enclosure, mail_bytes
from tests.notifications.outgoing import MAIL
from tests.notifications.sink import parsed

pytestmark = pytest.mark.no_ledger

SENDER = "活动办 <office@yunchuan.example>"
ENCODED = re.compile(r"=\?[^?\s]+\?[bB]\?[^?\s]*\?=")
LONG = "云川市教育局全民阅读活动领导小组办公室" * 4

NAMES = [
    *("李文静", "云川市教育局全民阅读活动办", LONG, LONG[:-1] + "𠮷"),
    *("Office of the Reading Campaign, " * 5, "Li", "", '李"文" <静>,'),
]


def headers(content: bytes) -> str:
    return content.partition(b"\r\n\r\n")[0].decode("ascii")


def read(content: bytes, header: str) -> tuple[str, str]:
    """Name and address, as RFC 2047 has them read: no space between encoded words is meant."""
    name, address = parseaddr(" ".join(message_from_bytes(content)[header].split()))
    return str(make_header(decode_header(name))).strip(), address


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", ["li@yunchuan.example", f"{'l' * 60}@yunchuan.example"])
def test_a_name_of_any_length_stands_in_words_and_lines_of_the_length_allowed(
    name: str, address: str
) -> None:
    mail = replace(MAIL, to_name=name, to_address=address, subject=LONG)
    content = mail_bytes(mail, f"{LONG} <office@yunchuan.example>")
    lines = headers(content).split("\r\n")
    assert [line for line in lines if ENCODED.search(line) and len(line) > 76] == []
    assert [word for line in lines for word in ENCODED.findall(line) if len(word) > 75] == []
    assert read(content, "From") == (LONG, "office@yunchuan.example")
    assert read(content, "To") == (name.strip(), address)
    assert parsed(content)["Subject"] == LONG


def test_no_encoded_word_holds_half_a_character() -> None:
    content = mail_bytes(replace(MAIL, to_name=LONG), SENDER)
    for word in ENCODED.findall(headers(content)):
        assert str(make_header(decode_header(word))).isprintable()


def test_what_cannot_be_written_is_left_out_before_the_mail_leaves(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"x")
    odd = "李\udcff文\x00静"
    mail = replace(
        MAIL, to_name=odd, subject=odd, text=odd, html=odd, attachments=(Enclosure(file, odd),)
    )
    found = parsed(mail_bytes(mail, SENDER))
    assert found["Subject"] == found["To"].addresses[0].display_name == "李文静"
    assert [part.get_filename() for part in found.iter_attachments()] == ["李文静"]
    plain = found.get_body(("plain",))
    assert plain is not None and plain.get_content() == "李?文\x00静"
