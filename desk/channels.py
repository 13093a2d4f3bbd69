"""duban channels: which ways out there are, and a short test message with its exchange."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.secrets import robots
from config.settings import Settings, SettingsError
from desk.addressing import Destination, destination
from desk.speech import Answer, table
from desk.vocabulary import CHANNELS
from desk.workplace import Workplace
from ledger.addresses import BY_NAME, ChannelKind
from notifications.channels import Channels
from notifications.channels.robots import robot_kind
from notifications.channels.wecom_app import SETTINGS as WECOM_SETTINGS
from notifications.mail import AddressDead, Mail, TransportError

HEADINGS = {"name": "通道", "ready": "可用", "found": "情况"}

ENCRYPTION = {"none": "不加密", "starttls": "STARTTLS", "tls": "TLS"}

SUBJECT = "督办：通道测试"
TEXT = "这是一条测试消息，收到就说明这个通道能用，不必回复。"


@dataclass(frozen=True)
class Way:
    """One way out, in words; nothing secret is among them."""

    channel: str
    name: str
    ready: bool
    found: str


def show_all(place: Workplace) -> Answer:
    """What is configured and what is not."""
    ways = list(_ways(place.settings))
    return Answer(ways, [table(ways, HEADINGS)])


def try_out(place: Workplace, address: str, channel: str | None) -> Answer:
    """Send one message; exit code 1 when it did not leave."""
    kind = ChannelKind(channel) if channel else None
    to = destination(place, address, kind)
    exchange: list[str] = []
    said = failed = None
    with Channels(place.settings, exchange.append) as channels:
        try:
            said = channels[to.kind].send(_mail(place, to))
        except TransportError as error:
            failed = error
    name = CHANNELS[to.kind.value]
    if failed is None:
        last = f"{name} {to.address} 已收下：{said}。"
    else:
        last = f"{name} {to.address} 没有发出：{failed}。"
        last += "这个地址应当停用。" if isinstance(failed, AddressDead) else ""
    data = {
        "channel": to.kind.value,
        "address": to.address,
        "sent": failed is None,
        "said": said,
        "error": str(failed) if failed else None,
        "permanent": failed.permanent if failed else None,
        "exchange": exchange,
    }
    return Answer(data, [*exchange, last], code=1 if failed else 0)


def _mail(place: Workplace, to: Destination) -> Mail:
    return Mail(
        id=0,
        key=f"test:{place.now:%Y%m%dT%H%M%S}",
        to_name=to.name,
        to_address=to.address,
        subject=SUBJECT,
        text=TEXT,
        html=f"<p>{TEXT}</p>",
        robot=f"**{SUBJECT}**\n{TEXT}",
        at=place.now,
        leaves_at=place.now,
    )


def _ways(settings: Settings) -> Iterator[Way]:
    yield _way(ChannelKind.EMAIL, True, _email(settings))
    wecom = settings.wecom_corp_id is not None
    app = f"应用 {settings.wecom_agent_id}，{settings.wecom_url}"
    yield _way(ChannelKind.WECOM, wecom, app if wecom else _unset(WECOM_SETTINGS))
    named, faults = _robots()
    for kind in ChannelKind:
        if kind in BY_NAME:
            names = named.get(kind, [])
            yield _way(kind, bool(names), "、".join(names) or _unset("DUBAN_ROBOT_名字"))
    for variable, fault in faults:
        yield Way("", variable, False, fault)


def _way(kind: ChannelKind, ready: bool, found: str) -> Way:
    return Way(kind.value, CHANNELS[kind.value], ready, found)


def _unset(what: str) -> str:
    return f"没有设；要用请设 {what}"


def _email(settings: Settings) -> str:
    if not settings.smtp_host:
        return f"没有设 DUBAN_SMTP_HOST，写成文件放在 {settings.home / 'outbox'}"
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    log_in = f"以 {settings.smtp_user} 登录" if settings.smtp_user else "不登录"
    way = ENCRYPTION[settings.smtp_security]
    return f"{server}，{way}，{log_in}，发件人 {settings.mail_from}"


def _robots() -> tuple[dict[ChannelKind, list[str]], list[tuple[str, str]]]:
    """The names of each kind, and what is wrong with the others."""
    named: dict[ChannelKind, list[str]] = {}
    faults = []
    for robot in robots().values():
        try:
            named.setdefault(robot_kind(robot), []).append(robot.name)
        except SettingsError as error:
            faults.append((robot.variable, str(error)))
    return named, faults
