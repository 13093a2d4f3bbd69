"""What goes wrong, as a page with one sentence; it says nothing of how the ledger lies."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DatabaseError, InterfaceError
from starlette.exceptions import HTTPException

from desk.web.headers import KEPT_NOWHERE
from desk.web.pages import page

LOG = logging.getLogger("duban.web")

NOT_HERE = (
    "这里没有您要的页面：链接不完整，或者不对。请从消息里重新打开；还是打不开，请与活动办联系。"
)
BUSY = "台账正忙，这一次没有办成。请过一分钟再试；还是不行，请与活动办联系。"
WRONG = "这一页出了差错，没有写入任何内容。请稍后再试；还是不行，请与活动办联系。"


def answer_mishaps(app: FastAPI) -> None:
    """Answer every failure of these with its sentence."""

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return page(request, "mishap.html", status, sentence=NOT_HERE)

    async def away(request: Request, error: Exception) -> Response:
        # The cause alone: a statement's values are nobody's business in a log.
        LOG.error("database: %s", getattr(error, "orig", type(error).__name__))
        return page(request, "mishap.html", HTTPStatus.SERVICE_UNAVAILABLE, sentence=BUSY)

    async def broken(request: Request, error: Exception) -> Response:
        answer = page(request, "mishap.html", HTTPStatus.INTERNAL_SERVER_ERROR, sentence=WRONG)
        answer.headers.update(KEPT_NOWHERE)  # this one is answered outside of all others
        return answer

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(DatabaseError, away)
    app.add_exception_handler(InterfaceError, away)
    app.add_exception_handler(Exception, broken)
