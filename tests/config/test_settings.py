from __future__ import annotations

import os
import re
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import Settings, SettingsError, read_settings, variable

SAMPLES: dict[str, tuple[str, Any]] = {
    "home": ("/srv/duban", Path("/srv/duban")),
    "database_url": ("sqlite:////srv/other.db", "sqlite:////srv/other.db"),
    "as_post": ("活动办主任", "活动办主任"),
    "timezone": ("Asia/Urumqi", ZoneInfo("Asia/Urumqi")),
    "office_opens": ("08:00", time(8)),
    "office_closes": ("17:30", time(17, 30)),
    "daily_at": ("10:00", time(10)),
    "smtp_host": ("mail.example.cn", "mail.example.cn"),
    "smtp_port": ("587", 587),
    "smtp_user": ("duban", "duban"),
    "smtp_password": ("机密", "机密"),
    "smtp_password_file": ("/run/secret", Path("/run/secret")),
    "smtp_security": ("starttls", "starttls"),
    "mail_from": ("duban@example.cn", "duban@example.cn"),
    "ca_file": ("/etc/ca.pem", Path("/etc/ca.pem")),
    "wecom_url": ("https://wecom.example.cn/", "https://wecom.example.cn"),
    "wecom_corp_id": ("ww1234", "ww1234"),
    "wecom_agent_id": ("1000002", 1000002),
    "wecom_secret": ("机密", "机密"),
    "wecom_secret_file": ("/run/secret", Path("/run/secret")),
    "templates": ("/srv/duban/templates", Path("/srv/duban/templates")),
    "heartbeat_url": ("https://example.cn/ping/1", "https://example.cn/ping/1"),
    "storm_times": ("0", 0),
    "storm_least": ("50", 50),
    "max_file_bytes": ("1024", 1024),
    "prefect_port": ("4300", 4300),
    "base_url": ("https://duban.example.cn/", "https://duban.example.cn"),
    "web_host": ("0.0.0.0", "0.0.0.0"),
    "web_port": ("8080", 8080),
    "trusted_proxy": ("10.1.2.3, 10.2.0.0/16", "10.1.2.3, 10.2.0.0/16"),
    "secret_key": ("密" * 32, "密" * 32),
    "secret_key_file": ("/run/key", Path("/run/key")),
}

NEEDS = {
    "smtp_host": ("mail_from",),
    "wecom_corp_id": ("wecom_agent_id", "wecom_secret"),
    "wecom_agent_id": ("wecom_corp_id", "wecom_secret"),
    "wecom_secret": ("wecom_corp_id", "wecom_agent_id"),
    "wecom_secret_file": ("wecom_corp_id", "wecom_agent_id"),
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DUBAN_")]:
        monkeypatch.delenv(name)


def test_every_setting_has_a_sample_here() -> None:
    assert set(SAMPLES) == set(Settings.model_fields)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_setting_is_read_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text, value = SAMPLES[name]
    monkeypatch.setenv(variable(name), text)
    for needed in NEEDS.get(name, ()):
        monkeypatch.setenv(variable(needed), SAMPLES[needed][0])
    read = getattr(read_settings(), name)
    assert (read.get_secret_value() if isinstance(read, SecretStr) else read) == value


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_in_chinese_what_it_means(name: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", Settings.model_fields[name].description or "")


def test_nothing_need_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings()
    assert settings.home == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/duban.db"
    assert settings.max_file_bytes == 52_428_800


def test_the_database_moves_with_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_HOME", "/srv/duban")
    assert read_settings().database_url == "sqlite:////srv/duban/duban.db"


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_PREFECT_PORT", "4300")
    monkeypatch.setenv("DUBAN_AS", "环境里的岗位")
    settings = read_settings(prefect_port=4400, as_post="给定的岗位")
    assert (settings.prefect_port, settings.as_post) == (4400, "给定的岗位")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_PREFECT_PORT", "")
    assert read_settings().prefect_port == 4200


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("timezone", "Mars/Base", "Asia/Shanghai"),
        ("office_opens", "八点半", "08:30"),
        ("office_closes", "18:00+08:00", "不带时区"),
        ("daily_at", "25:00", "09:00"),
        ("smtp_port", "0", "65535"),
        ("smtp_security", "ssl", "starttls"),
        ("wecom_url", "qyapi", "https://"),
        ("wecom_agent_id", "应用", "数字"),
        ("heartbeat_url", "example.cn", "https://"),
        ("storm_times", "-1", "0 为从不暂停"),
        ("storm_least", "0", "正整数"),
        ("max_file_bytes", "0", "正整数"),
        ("prefect_port", "70000", "65535"),
        ("base_url", "ftp://", "https://"),
        ("web_port", "0", "65535"),
        ("trusted_proxy", "*", "IP 地址"),
        ("trusted_proxy", "10.0.0.1,proxy.example", "IP 地址"),
        ("secret_key", "short", "32 个字符"),
    ],
)
def test_a_wrong_value_gets_one_chinese_sentence_naming_variable_and_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str
) -> None:
    monkeypatch.setenv(variable(name), value)
    with pytest.raises(SettingsError) as refusal:
        read_settings()
    sentence = str(refusal.value)
    assert variable(name) in sentence
    assert wanted in sentence
    assert sentence.count("。") == 1
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"DUBAN_DAILY_AT": "07:00"}, "DUBAN_DAILY_AT"),
        ({"DUBAN_DAILY_AT": "18:00"}, "DUBAN_DAILY_AT"),
        ({"DUBAN_SMTP_HOST": "mail.example.cn"}, "DUBAN_MAIL_FROM"),
        ({"DUBAN_SMTP_PASSWORD": "x", "DUBAN_SMTP_PASSWORD_FILE": "/x"}, "只能设一个"),
        ({"DUBAN_SECRET_KEY": "x" * 32, "DUBAN_SECRET_KEY_FILE": "/x"}, "只能设一个"),
        ({"DUBAN_WECOM_SECRET": "x", "DUBAN_WECOM_SECRET_FILE": "/x"}, "只能设一个"),
        ({"DUBAN_WECOM_CORP_ID": "ww1"}, "DUBAN_WECOM_AGENT_ID、DUBAN_WECOM_SECRET"),
        ({"DUBAN_WECOM_SECRET": "x", "DUBAN_WECOM_AGENT_ID": "1"}, "DUBAN_WECOM_CORP_ID"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], word: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=word) as refusal:
        read_settings()
    assert str(refusal.value).count("。") == 1


def test_the_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_SMTP_PASSWORD", "s3cr3t")
    settings = read_settings()
    assert settings.password() == "s3cr3t"
    assert "s3cr3t" not in repr(settings)
    monkeypatch.setenv("DUBAN_SMTP_HOST", "mail.example.cn")
    with pytest.raises(SettingsError) as refusal:
        read_settings()
    assert "s3cr3t" not in str(refusal.value)


def test_the_password_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(" 有空格的密码 \n", encoding="utf-8")
    assert read_settings(smtp_password_file=file).password() == " 有空格的密码 "


def test_a_password_file_that_is_missing_is_named(tmp_path: Path) -> None:
    settings = read_settings(smtp_password_file=tmp_path / "nowhere")
    with pytest.raises(SettingsError, match="nowhere"):
        settings.password()


def test_without_a_password_there_is_none() -> None:
    assert read_settings().password() is None
