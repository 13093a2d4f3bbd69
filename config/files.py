"""Where files that belong to rows of the ledger are kept: below the home, under their sha256."""

from __future__ import annotations

from pathlib import Path


def stored(home: Path, sha256: str) -> Path:
    """Where the content of this digest is kept."""
    return home / "files" / sha256[:2] / sha256
