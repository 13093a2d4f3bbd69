"""Links: where a message is signed for. Whoever has the link has the message, and needs no account.

A token is the message's number with a signature, so none can be guessed or changed into another's.
It does not expire: a link in an old message still shows what became of it.
"""

from __future__ import annotations

import hashlib

from itsdangerous import BadSignature, Signer

PURPOSE = "duban.message"
"""What the key signs here: a signature made for another purpose is no token."""


class Links:
    """Makes links and reads the tokens in them; `base_url` has no slash at its end."""

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url = base_url
        self._signer = Signer(
            key, salt=PURPOSE, key_derivation="hmac", digest_method=hashlib.sha256
        )

    def url(self, message_id: int) -> str:
        """Where the reader of this message signs for it."""
        return f"{self._base_url}/s/{self.token(message_id)}"

    def token(self, message_id: int) -> str:
        """What stands for the message in its link."""
        return self._signer.sign(str(message_id)).decode("ascii")

    def read(self, token: str) -> int | None:
        """The number of the message; None for a token that is none of ours, whole and unchanged."""
        try:
            number = int(self._signer.unsign(token.encode("utf-8")))
        except BadSignature:
            return None
        # The last sign of a signature has bits that mean nothing: another there would pass, too.
        return number if token == self.token(number) else None
