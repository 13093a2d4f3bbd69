"""The page on which a message is signed for (签收). Opening it signs nothing: scanners do so."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy.orm import Session

from config.files import stored
from desk.fates import signed
from desk.web.counter import AtCounter, Counter
from desk.web.pages import page
from ledger.errors import Refused
from ledger.messages import Message
from ledger.signing import sign
from ledger.slips import Slip, read_slip

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def welcome(request: Request) -> Response:
    """The door: there is nothing to see without a link."""
    return page(request, "welcome.html")


@router.api_route("/s/{token}", methods=["GET", "HEAD"])
def show(request: Request, token: str, counter: AtCounter) -> Response:
    """What the message says, whether it was signed for, and the one button."""
    with counter.database.reading() as session:
        slip = _slip(session, token, counter)
        instead = counter.links.token(slip.instead) if slip.instead else None
        words = signed(slip.message_id, slip.signed_message, slip.signer)
        return page(request, "signing.html", slip=slip, token=token, instead=instead, signed=words)


@router.post("/s/{token}")
def press(request: Request, token: str, counter: AtCounter) -> Response:
    """Sign, once; then the page says how it stands, also where there is nothing to sign."""
    with counter.database.writing() as session:
        message = session.get(Message, _number(token, counter))
        if message is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        try:
            sign(session, message, counter.clock(), come_from(request))
        except Refused:
            session.rollback()  # the page shown next says why
    return RedirectResponse(f"{counter.root}/s/{token}", HTTPStatus.SEE_OTHER)


@router.api_route("/s/{token}/files/{file_id}", methods=["GET", "HEAD"])
def download(token: str, file_id: int, counter: AtCounter) -> Response:
    """A file sent along with the message."""
    with counter.database.reading() as session:
        files = {file.id: file for file in _slip(session, token, counter).files}
    if file_id not in files:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    content = stored(counter.settings.home, files[file_id].sha256)
    if not content.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kind = "application/octet-stream"
    return FileResponse(content, media_type=kind, filename=files[file_id].name)


def come_from(request: Request) -> str:
    """From where a signature comes: the address, and what the browser says it is."""
    address = request.client.host if request.client else ""
    browser = request.headers.get("user-agent", "")
    return " ".join("".join(filter(str.isprintable, f"{address} {browser}")).split())


def _number(token: str, counter: Counter) -> int:
    number = counter.links.read(token)
    if number is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return number


def _slip(session: Session, token: str, counter: Counter) -> Slip:
    slip = read_slip(session, _number(token, counter), counter.calendar(session))
    if slip is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return slip
