"""The key that signs links: from the settings, else a file made once in the home."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from config.settings import KEY_LENGTH, Settings, SettingsError

FILE = "secret-key"
"""Its name in the home. Whoever loses it loses nothing but the links sent so far."""


def secret_key(settings: Settings) -> str:
    """The key, the same for every process of this home.

    Raises SettingsError when the file that should hold it cannot be read or holds none, OSError
    when it cannot be made.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if settings.secret_key_file is not None:
        return _read(settings.secret_key_file, "请核对 DUBAN_SECRET_KEY_FILE 的路径、权限和内容")
    file = settings.home / FILE
    if not file.exists():
        _make(file)
    return _read(file, "请核对权限；内容坏了就删去，会另生成一个，已发出的签收链接随之失效")


def _make(file: Path) -> None:
    """Whole or not at all, for the owner's eyes only; of two at once the first one's stands."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as unnamed:
        unnamed.write(secrets.token_hex(32))
        unnamed.flush()
        os.fsync(unnamed.fileno())
    try:
        with suppress(FileExistsError):
            os.link(unnamed.name, file)
    finally:
        os.unlink(unnamed.name)


def _read(file: Path, advice: str) -> str:
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"存有密钥的文件 {file} 读不出来：{advice}。") from error
    if len(key) < KEY_LENGTH:
        raise SettingsError(f"文件 {file} 里的密钥不到 {KEY_LENGTH} 个字符：{advice}。")
    return key
