"""What is wrong with a plan, and where: the faults a reader can put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic_core import PydanticCustomError

from ledger.errors import LedgerError


@dataclass(frozen=True)
class Fault:
    """One fault; str() is the line to print: file, line, field, what is wrong, what is right."""

    file: str
    line: int
    field: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}：{self.wrong}；{self.right}"


class PlanError(LedgerError):
    """The plan cannot be used; `faults` holds every fault found, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


def misfit(wrong: str, right: str) -> PydanticCustomError:
    """A value the model refuses, in the two halves of a fault's sentence."""
    # Both halves travel as context: a brace in what the plan says must not be read as a template.
    return PydanticCustomError("plan", "{wrong}；{right}", {"wrong": wrong, "right": right})


def listed(words: Sequence[str], most: int) -> str:
    """The words in a row, cut short after `most` of them."""
    rest = f"等{len(words)}项" if len(words) > most else ""
    return "、".join(words[:most]) + rest


def among(word: str, known: Sequence[str]) -> str:
    """The right half of a fault about a word that is not one of `known`."""
    if near := get_close_matches(word, known, n=1):
        return f"应当是“{near[0]}”吗？"
    return f"应当是其中之一：{listed(known, 25)}" if known else "应当先写上再引用，现在一个也没有"
