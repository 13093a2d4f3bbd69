"""Files handed in or sent along, kept below the home by sha256: the same content once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ledger.intake import HandedFile
from ledger.queries import kept_files

CHUNK = 1024 * 1024
LONGEST_NAME = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass
class Parcel:
    """Files copied beside their places. `place` them in the transaction that records them."""

    folder: Path
    files: list[HandedFile] = field(default_factory=list)
    copies: dict[Path, Path] = field(default_factory=dict)
    placed: list[Path] = field(default_factory=list)

    def place(self) -> None:
        """Put every file where it belongs.

        One already there is replaced by its equal, so that whoever takes it away again, having
        failed to record it, cannot take ours.
        """
        for copy, file in self.copies.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            self.placed.append(file)
            copy.replace(file)


@contextmanager
def parcel(session: Session, home: Path, most: int, sources: Sequence[Path]) -> Iterator[Parcel]:
    """Take the files in; when what follows fails, nothing of them is left that no row names.

    `most`: bytes per file. Refuses, before anything is written to the ledger, what is no file, is
    empty, too large, or is named so that the name could lead elsewhere.
    """
    taken = Parcel(home / "files")
    try:
        for source in sources:
            _take(taken, source, most)
        yield taken
    except BaseException:
        session.rollback()
        _take_back(session, taken.placed)
        raise
    finally:
        for copy in taken.copies:
            copy.unlink(missing_ok=True)


def _take(taken: Parcel, source: Path, most: int) -> None:
    _check_name(source)
    with source.open("rb") as content:
        size = os.fstat(content.fileno()).st_size
        if size == 0:
            raise click.ClickException(f"{source.name} 是空文件（0 字节）；请核对后重试。")
        if size > most:
            raise click.ClickException(
                f"{source.name} 有 {_megabytes(size)}，超过单个附件的上限 {_megabytes(most)}；"
                "请压缩或拆分后重试。"
            )
        taken.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with NamedTemporaryFile(dir=taken.folder, prefix=".", delete=False) as copy:
            unplaced = Path(copy.name)
            taken.copies[unplaced] = unplaced
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
            size = copy.tell()
    sha256 = digest.hexdigest()
    taken.copies[unplaced] = taken.folder / sha256[:2] / sha256
    taken.files.append(HandedFile(source.name, sha256, size))


def _check_name(source: Path) -> None:
    if ".." in source.parts or "\\" in source.name:
        raise click.ClickException(
            f"文件名“{source}”里不能有 ../ 这样的路径；请写文件的完整路径，或改名后重试。"
        )
    if CONTROL.search(source.name):
        raise click.ClickException("文件名里有看不见的控制字符；请改名后重试。")
    if len(source.name) > LONGEST_NAME:
        raise click.ClickException(f"文件名超过 {LONGEST_NAME} 个字；请改短后重试。")


def _take_back(session: Session, placed: Sequence[Path]) -> None:
    """Remove what was placed and is in no row, while no other process can record it."""
    if not placed:
        return
    # A file left over harms nobody; what stopped the hand-in is what the person must hear.
    with suppress(SQLAlchemyError, OSError):
        kept = kept_files(session, [file.name for file in placed])
        for file in placed:
            if file.name not in kept:
                file.unlink(missing_ok=True)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
