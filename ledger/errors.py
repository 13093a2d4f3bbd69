"""What the ledger refuses. Each message is one Chinese sentence that says what to do."""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger refuses; str() is the sentence for the person who asked."""


class IllegalMove(LedgerError):
    """A state machine has no such move."""

    def __init__(self, subject: str, current: str, target: str) -> None:
        super().__init__(f"{subject}现在是“{current}”，不能改为“{target}”；请先查看当前状态。")
        self.current = current
        self.target = target


class NotFound(LedgerError):
    """Nothing by this name or number."""


class Ambiguous(LedgerError):
    """More than one by this name."""


class Refused(LedgerError):
    """A rule of the ledger forbids the act now."""
