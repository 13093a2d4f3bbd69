"""Pages: templates in Chinese, every value escaped."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from desk.web.counter import Counter
from notifications.phrases import day

TEMPLATES = Path(__file__).parent / "templates"


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as a page; moments are shown in the bureau's zone."""
    counter: Counter = request.app.state.counter

    def moment(value: datetime) -> str:
        local = value.astimezone(counter.settings.timezone)
        return f"{day(local.date())}{local:%H:%M}"

    html = _environment().get_template(template).render(root=counter.root, moment=moment, **context)
    return HTMLResponse(html, status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    return environment


def _day(value: date, provisional: bool = False) -> str:
    return day(value, provisional)
