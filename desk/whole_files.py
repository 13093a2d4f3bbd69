"""Files that are written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

T = TypeVar("T")


def written_whole(to: Path, write: Callable[[Path], T]) -> T:
    """Write a file whole or not at all; an earlier one of the name is replaced."""
    with TemporaryDirectory(dir=to.parent, prefix=".") as folder:
        unfinished = Path(folder) / to.name
        done = write(unfinished)
        unfinished.replace(to)
    return done
