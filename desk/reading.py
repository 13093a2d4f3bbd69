"""Reading the files a person names, with a sentence for each way in which that fails."""

from __future__ import annotations

from pathlib import Path

import click

BUREAU = Path(__file__).parent.parent / "config" / "bureau"
"""The invented bureau that ships with the program."""


def read_text(path: Path) -> str:
    """The text of a file; an unreadable one raises OSError, which names the path."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(
            f"{path} 不是 UTF-8 编码的文本；请用编辑器另存为 UTF-8 后重试。"
        ) from None
