"""Names of hosts, as people write them into settings."""

from __future__ import annotations


def is_host(name: str) -> bool:
    """Whether it can be asked for: what is no IDNA name raises no OSError but a UnicodeError."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return bool(name) and name.isprintable() and " " not in name
