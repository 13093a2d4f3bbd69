"""Packing all files of one deliverable and period: each named 单位-事项-期次."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from zipfile import ZIP_DEFLATED, ZipFile

from desk.merging import Handed

UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
LONGEST = 80
"""Signs of a name before its ending; every system takes so many Chinese ones."""


def pack(files: Iterable[Handed], about: str, to: Path) -> list[Handed]:
    """Write the zip; the files that are not there any more, left out."""
    lost = []
    with ZipFile(to, "w", ZIP_DEFLATED) as archive:
        for file, name in _named(files, about):
            try:
                archive.write(file.path or "", name)
            except FileNotFoundError:
                lost.append(file)
    return lost


def _named(files: Iterable[Handed], about: str) -> Iterator[tuple[Handed, str]]:
    taken: set[str] = set()
    for file in files:
        if file.path is None:
            continue
        ending = safe(PurePath(file.name).suffix)
        stem, number = safe(f"{file.unit}-{about}"), 1
        name = f"{stem}{ending}"
        while name.casefold() in taken:
            number += 1
            name = f"{stem}（{number}）{ending}"
        taken.add(name.casefold())
        yield file, name


def safe(name: str) -> str:
    """A name that every file system takes and that leads nowhere else."""
    plain = UNSAFE.sub("_", unicodedata.normalize("NFC", name))
    return plain[:LONGEST].strip(" ") if plain.strip(". ") else "_"
