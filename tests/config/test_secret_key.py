from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from config.secret_key import FILE, secret_key
from config.settings import SettingsError, read_settings

KEY = "k" * 32


def test_unset_it_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path / "var")
    key = secret_key(settings)
    assert len(key) == 64
    assert secret_key(settings) == key
    (file,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    keys = {secret_key(read_settings(home=tmp_path / name)) for name in ("a", "b")}
    assert len(keys) == 2


def test_many_who_make_it_at_once_agree(tmp_path: Path) -> None:
    settings, together = read_settings(home=tmp_path), Barrier(8)

    def make(_: int) -> str:
        together.wait(30)
        return secret_key(settings)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_set_it_is_what_was_set(tmp_path: Path) -> None:
    assert secret_key(read_settings(home=tmp_path, secret_key=KEY)) == KEY
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    assert secret_key(read_settings(home=tmp_path, secret_key_file=file)) == KEY
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_a_file_that_holds_none_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(SettingsError, match=r"删去.*随之失效。$"):
        secret_key(read_settings(home=tmp_path))
    with pytest.raises(SettingsError, match="DUBAN_SECRET_KEY_FILE"):
        secret_key(read_settings(home=tmp_path, secret_key_file=tmp_path / "none"))
