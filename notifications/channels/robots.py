"""Group robots and gateways: an address is a name, what stands behind it is in the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from config.secrets import Robot, robots
from config.settings import SettingsError
from ledger.addresses import ChannelKind
from ledger.titles import one_line
from notifications.channels.dingtalk import DingTalkRobot
from notifications.channels.feishu import FeishuRobot
from notifications.channels.one_call import OneCall, Watch, Wire
from notifications.channels.web import Web
from notifications.channels.webhook import Webhook
from notifications.channels.wecom_robot import WecomRobot
from notifications.hosts import is_host
from notifications.mail import ChannelDown, Mail, TransportError, WayClosed

VENDORS: Mapping[ChannelKind, type[OneCall]] = {
    ChannelKind.WECOM_ROBOT: WecomRobot,
    ChannelKind.DINGTALK: DingTalkRobot,
    ChannelKind.FEISHU: FeishuRobot,
    ChannelKind.WEBHOOK: Webhook,
}
"""In the order in which an address is tried: what is no robot's is a plain one."""

NAME = re.compile(r"\w+", re.ASCII)


def robot_kind(robot: Robot) -> ChannelKind:
    """What its address is an address of. Raises SettingsError when it is none or not to be read."""
    url = robot.url()
    for kind, vendor in VENDORS.items():
        if _is_of(vendor, url):
            return kind
    raise SettingsError(f"{robot.variable} 不是网址：请从机器人的页面上整个复制过来。")


def robots_of(kind: ChannelKind) -> list[Robot]:
    """The robots of a kind that can be used."""
    return [robot for robot in robots().values() if _kind_or_none(robot) is kind]


class RobotChannel:
    """Messages to the robots or gateways of one kind."""

    def __init__(self, kind: ChannelKind, web: Web, link: str, watch: Watch) -> None:
        self._kind, self._web, self._link, self._watch = kind, web, link, watch

    def send(self, mail: Mail) -> str:
        """Say the message; what was answered. Raises TransportError."""
        name, _, to = mail.to_address.partition(":")
        robot = self._robot(name.strip())
        try:
            plugin, wire = self._plugin(robot)
        except SettingsError as error:
            raise WayClosed(str(error).rstrip("。")) from error
        if isinstance(plugin, Webhook):
            plugin.to = to.strip()
        try:
            return plugin.tell(wire, mail)
        except ChannelDown as error:
            if plugin.at_home:
                raise
            raise TransportError(str(error)) from error  # the others' hosts may stand

    def close(self) -> None:
        """The connections are the client's, which closes them."""

    def _robot(self, name: str) -> Robot:
        known = robots()
        if name.upper() in known:
            return known[name.upper()]
        if NAME.fullmatch(name):
            wanted = f"请设 DUBAN_ROBOT_{name.upper()}，或改正地址"
        else:
            wanted = "名字只用字母、数字和下划线，请改正地址"
        raise WayClosed(f"没有名叫“{one_line(name)}”的机器人或接口：{wanted}")

    def _plugin(self, robot: Robot) -> tuple[OneCall, Wire]:
        url, sign, vendor = robot.url(), robot.sign(), VENDORS[self._kind]
        if not _is_of(vendor, url) or robot_kind(robot) is not self._kind:
            raise SettingsError(
                f"{robot.variable} 不是{vendor.kind_words}的网址：应像 {vendor.example}。"
            )
        who = f"{vendor.kind_words} {robot.name}"
        wire = Wire(self._web, self._link, who, robot.variable, self._watch)
        try:
            plugin = _made(vendor, url)
        except (TypeError, ValueError):  # whose words may hold the address
            raise SettingsError(f"{robot.variable} 里的网址或密钥不对：请重新复制。") from None
        if sign and not (sign.isascii() and sign.isprintable()):
            raise SettingsError(f"{robot.variable}_SIGN 里有密钥不会有的字符：请重新复制。")
        if sign and not isinstance(plugin, Webhook):
            plugin.secret = sign
        wire.secrets |= _secrets(plugin) | {sign or ""}
        wire.words = plugin.words() if isinstance(plugin, Webhook) else set()
        return plugin, wire


def _is_of(vendor: type[OneCall], url: str) -> bool:
    schemes = (vendor.protocol, vendor.secure_protocol)
    return url.partition("://")[0] in schemes or vendor.native.fullmatch(url) is not None


def _kind_or_none(robot: Robot) -> ChannelKind | None:
    try:
        return robot_kind(robot)
    except SettingsError:
        return None


def _made(vendor: Any, url: str) -> Any:
    """The plugin; raises TypeError or ValueError when the address is found wrong."""
    found = vendor.native.fullmatch(url)
    if found:
        _check(found["base"])
    arguments = None if found else vendor.parse_url(url)
    if issubclass(vendor, Webhook):
        return vendor.of(arguments) if arguments else vendor.at(url)
    if found is None:
        return vendor(**(arguments or {}))
    plugin = vendor(found["key"])
    plugin.moved_to(found["base"])
    return plugin


def _check(base: str) -> None:
    parts = urlsplit(base)
    if parts.port == 0 or not is_host(parts.hostname or ""):
        raise ValueError("no host or no port")


def _secrets(plugin: Any) -> set[str]:
    if isinstance(plugin, Webhook):
        return plugin.secrets()
    found = {getattr(plugin, name, None) for name in ("key", "token", "secret")}
    return {form for text in found if text for form in (text, quote(text, safe=""))}
