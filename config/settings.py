"""What differs between places, read from the environment variables that begin with DUBAN_."""

from __future__ import annotations

from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is wrong; str() is one Chinese sentence that says which and what would be right."""


def _refuse(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("duban", "{sentence}", {"sentence": sentence})


def _local(value: time) -> time:
    if value.tzinfo is not None:
        raise _refuse("应是当地时刻，例如 08:30，不带时区")
    return value


def _web_address(value: str) -> str:
    AnyHttpUrl(value)
    return value.rstrip("/")


def _addresses(value: str) -> str:
    for word in value.split(","):
        try:
            ip_network(word.strip())
        except ValueError:
            raise _refuse(
                "应是 IP 地址或网段，例如 10.1.2.3 或 10.1.2.0/24，几个用逗号隔开"
            ) from None
    return value


LocalTime = Annotated[time, AfterValidator(_local)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Proxies = Annotated[str, AfterValidator(_addresses)]
KEY_LENGTH = 32
"""Characters a key must have at least."""

Port = Annotated[int, Field(ge=1, le=65535)]


def variable(name: str) -> str:
    """The environment variable of a field: `home` is DUBAN_HOME."""
    return "DUBAN_AS" if name == "as_post" else f"DUBAN_{name.upper()}"


class Settings(BaseSettings):
    """Every setting, with what it means; read them with `read_settings`."""

    model_config = SettingsConfigDict(
        env_prefix="DUBAN_",
        env_ignore_empty=True,
        frozen=True,
        populate_by_name=True,
        validate_default=True,
    )

    home: Path = Field(
        Path("var"), description="数据所在目录：数据库、发件箱、附件；相对路径从当前目录算起"
    )
    database_url: str = Field(
        "sqlite:///{home}/duban.db", description="台账数据库的地址；{home} 代表数据目录"
    )
    as_post: str | None = Field(
        None,
        validation_alias="DUBAN_AS",
        description="以哪个岗位的名义操作；命令行的 --as 优先于它",
    )
    timezone: ZoneInfo = Field(ZoneInfo("Asia/Shanghai"), description="时区")
    office_opens: LocalTime = Field(time(8, 30), description="工作日上班时刻，此前不发消息")
    office_closes: LocalTime = Field(time(18, 0), description="工作日下班时刻，此后不发消息")
    daily_at: LocalTime = Field(time(9, 0), description="每个工作日的日程轮从这一时刻开始")
    smtp_host: str | None = Field(
        None, description="发信服务器；不设时，消息写成数据目录下 outbox/ 里的 .eml 文件"
    )
    smtp_port: Port = Field(465, description="发信服务器的端口")
    smtp_user: str | None = Field(None, description="发信账号；不设时不登录")
    smtp_password: SecretStr | None = Field(None, description="发信密码或授权码")
    smtp_password_file: Path | None = Field(
        None, description="存有发信密码的文件；与 DUBAN_SMTP_PASSWORD 只设其一"
    )
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "tls", description="与发信服务器之间的加密：none、starttls 或 tls"
    )
    mail_from: str | None = Field(None, description="发件人地址；设了发信服务器就必须设")
    ca_file: Path | None = Field(
        None,
        description="另外信任的证书机构的证书文件（PEM），用于单位自建的服务器",
    )
    wecom_url: WebAddress = Field(
        "https://qyapi.weixin.qq.com", description="企业微信接口的网址；政务微信等自建的另写"
    )
    wecom_corp_id: str | None = Field(
        None, description="企业微信的企业 ID；不设时不经企业微信应用发消息"
    )
    wecom_agent_id: int | None = Field(None, ge=0, description="企业微信应用的 AgentId")
    wecom_secret: SecretStr | None = Field(None, description="企业微信应用的 Secret")
    wecom_secret_file: Path | None = Field(
        None, description="存有企业微信应用 Secret 的文件；与 DUBAN_WECOM_SECRET 只设其一"
    )
    templates: Path | None = Field(
        None, description="改写消息模板的文件夹；不设时是程序自带的 config/templates"
    )
    heartbeat_url: WebAddress | None = Field(
        None, description="每次自查无误后访问的网址；自查有误时不访问"
    )
    storm_times: int = Field(
        5, ge=0, description="一轮的消息超过以往最多一轮的几倍就暂停，等活动办放行；0 为从不暂停"
    )
    storm_least: int = Field(500, ge=1, description="少于这么多条消息的一轮从不暂停")
    max_file_bytes: int = Field(50 * 1024 * 1024, ge=1, description="单个附件的上限，单位字节")
    prefect_port: Port = Field(4200, description="Prefect 服务器在本机的端口")
    base_url: WebAddress = Field(
        "http://127.0.0.1:8000", description="消息里的链接以它开头，应是收件人打得开的网址"
    )
    web_host: str = Field("127.0.0.1", description="网页服务在哪个地址上等人打开")
    web_port: Port = Field(8000, description="网页服务的端口")
    trusted_proxy: Proxies | None = Field(
        None, description="网页服务前面的反向代理的 IP，几个用逗号隔开；只信它们转告的来访地址"
    )
    secret_key: SecretStr | None = Field(
        None, min_length=KEY_LENGTH, description="签收链接的密钥，至少 32 个字符；换掉则旧链接失效"
    )
    secret_key_file: Path | None = Field(
        None, description="存有密钥的文件；两者都不设时，自动生成数据目录下的 secret-key"
    )

    @model_validator(mode="before")
    @classmethod
    def _place_in_home(cls, given: dict[str, Any]) -> dict[str, Any]:
        home = Path(given.get("home", cls.model_fields["home"].default)).expanduser().absolute()
        url = str(given.get("database_url", cls.model_fields["database_url"].default))
        return {**given, "home": home, "database_url": url.replace("{home}", str(home))}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not self.office_opens <= self.daily_at < self.office_closes:
            raise _refuse("DUBAN_DAILY_AT 应在上班与下班时刻之间，请核对三个时刻")
        if self.smtp_password and self.smtp_password_file:
            raise _refuse("DUBAN_SMTP_PASSWORD 与 DUBAN_SMTP_PASSWORD_FILE 只能设一个，请去掉一个")
        if self.secret_key and self.secret_key_file:
            raise _refuse("DUBAN_SECRET_KEY 与 DUBAN_SECRET_KEY_FILE 只能设一个，请去掉一个")
        if self.wecom_secret and self.wecom_secret_file:
            raise _refuse("DUBAN_WECOM_SECRET 与 DUBAN_WECOM_SECRET_FILE 只能设一个，请去掉一个")
        if missing := self._wecom_lacks():
            raise _refuse(f"设了企业微信应用，还须设 {missing}")
        if self.smtp_host and not self.mail_from:
            raise _refuse("设了 DUBAN_SMTP_HOST，还须用 DUBAN_MAIL_FROM 写明发件人地址")
        return self

    def _wecom_lacks(self) -> str:
        given = {
            "DUBAN_WECOM_CORP_ID": self.wecom_corp_id,
            "DUBAN_WECOM_AGENT_ID": self.wecom_agent_id,
            "DUBAN_WECOM_SECRET": self.wecom_secret or self.wecom_secret_file,
        }
        lacking = [name for name, value in given.items() if value is None]
        return "、".join(lacking) if len(lacking) < len(given) else ""

    def password(self) -> str | None:
        """The SMTP password, from the setting or its file; None when there is none."""
        return _secret(self.smtp_password, self.smtp_password_file, "smtp_password_file")

    def wecom_key(self) -> str | None:
        """The secret of the WeCom app, from the setting or its file; None when there is none."""
        return _secret(self.wecom_secret, self.wecom_secret_file, "wecom_secret_file")


def _secret(value: SecretStr | None, file: Path | None, field: str) -> str | None:
    if file is not None:
        return secret_in(file, variable(field))
    return value.get_secret_value() if value else None


def secret_in(file: Path, name: str) -> str:
    """What a file of secrets holds, less the end of its line; `name`: the setting that names it.

    Raises SettingsError when it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} 所指的文件 {file} 读不出来：请核对路径和权限。") from error


EXPECTED = {
    "timezone": "应是时区名，例如 Asia/Shanghai",
    "office_opens": "应是时刻，例如 08:30",
    "office_closes": "应是时刻，例如 18:00",
    "daily_at": "应是时刻，例如 09:00",
    "smtp_port": "应是 1 到 65535 的整数",
    "smtp_security": "应是 none、starttls、tls 之一",
    "wecom_url": "应是 http:// 或 https:// 开头的网址",
    "wecom_agent_id": "应是数字，见应用的详情页",
    "heartbeat_url": "应是 http:// 或 https:// 开头的网址",
    "storm_times": "应是整数，0 为从不暂停",
    "storm_least": "应是正整数",
    "max_file_bytes": "应是正整数，单位字节",
    "prefect_port": "应是 1 到 65535 的整数",
    "base_url": "应是 http:// 或 https:// 开头的网址",
    "web_port": "应是 1 到 65535 的整数",
    "secret_key": "应至少有 32 个字符，例如 openssl rand -hex 32 的输出",
}


def read_settings(**given: Any) -> Settings:
    """The settings of this process: `given` first, then the environment, then the defaults.

    Raises SettingsError, whose sentence never repeats a value: it may hold a password.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    if not first["loc"]:
        return f"设置不对：{first['msg']}。"
    place = str(first["loc"][0])
    name = "as_post" if place == "DUBAN_AS" else place
    wanted = first["msg"] if first["type"] == "duban" else EXPECTED.get(name, "这个值读不懂")
    return f"设置 {variable(name)} 不对：{wanted}；请改正后重试。"
