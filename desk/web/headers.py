"""Headers of every answer: a page whose link is its own key is kept and shown nowhere else."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}

KEPT_NOWHERE = {**HEADERS, "Cache-Control": "no-store"}


class SafeHeaders:
    """Adds them; only what is the same for everybody may be kept by a browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and add the headers where its answer begins."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                alike = scope["path"].startswith("/static/")
                headers.update(HEADERS if alike else KEPT_NOWHERE)
            await send(message)

        await self._app(scope, receive, with_headers)
