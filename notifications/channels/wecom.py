"""The channel of the WeCom app: the settings name one app, an address is a member's account."""

from __future__ import annotations

from urllib.parse import quote

from config.settings import Settings, SettingsError
from ledger.titles import one_line
from notifications.channels.one_call import Watch, Wire
from notifications.channels.web import Web
from notifications.channels.wecom_app import SETTINGS, Token, WecomApp
from notifications.mail import AddressDead, ChannelDown, Mail


class WecomChannel:
    """Messages to members, through the bureau's app."""

    def __init__(self, settings: Settings, web: Web, watch: Watch) -> None:
        self._settings, self._web, self._watch = settings, web, watch
        self._token = Token()

    def send(self, mail: Mail) -> str:
        """Say the message; what was answered. Raises TransportError."""
        return self._plugin(mail.to_address).tell(self._wire(), mail)

    def close(self) -> None:
        """The connections are the client's; the token still holds."""

    def _plugin(self, account: str) -> WecomApp:
        settings = self._settings
        if settings.wecom_corp_id is None:
            raise ChannelDown(f"没有设企业微信应用：请设 {SETTINGS}")
        app = WecomApp(  # type: ignore[no-untyped-call]
            settings.wecom_corp_id, self._key(), settings.wecom_agent_id, [account]
        )
        if app.users != [account] or account.startswith("@"):
            raise AddressDead(f"“{one_line(account)}”不是企业微信账号，请更正")
        app.token = self._token
        app.moved_to(settings.wecom_url)
        return app

    def _wire(self) -> Wire:
        wire = Wire(self._web, self._settings.base_url, WecomApp.kind_words, SETTINGS, self._watch)
        wire.secrets |= {self._key(), quote(self._key(), safe="")}
        return wire

    def _key(self) -> str:
        try:
            return self._settings.wecom_key() or ""
        except SettingsError as error:
            raise ChannelDown(str(error).rstrip("。")) from error
