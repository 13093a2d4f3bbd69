"""The web application: the pages, and what holds for every one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from config.database import Database
from config.secret_key import secret_key
from config.settings import Settings
from desk.web import signing
from desk.web.counter import Counter
from desk.web.headers import SafeHeaders
from desk.web.mishaps import answer_mishaps
from ledger.workdays import WorkCalendar
from notifications.links import Links

STATIC = Path(__file__).parent / "static"


def create_app(
    database: Database, settings: Settings, clock: Callable[[], datetime], calendar: WorkCalendar
) -> FastAPI:
    """The application over one ledger. `calendar` is asked with the ledger's own lists beside.

    Raises SettingsError when the key that signs links cannot be read.
    """
    app = FastAPI(title="督办", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.counter = Counter(
        database, settings, clock, calendar, Links(settings.base_url, secret_key(settings))
    )
    app.include_router(signing.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    answer_mishaps(app)
    app.add_middleware(SafeHeaders)
    if settings.trusted_proxy:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxy)
    return app
