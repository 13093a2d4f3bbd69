"""Taking a table into the roster, and saying row by row what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from config.tables import Row, read_table
from desk.speech import Answer, Table, table
from desk.workplace import Desk
from ledger.audit import Act, record
from ledger.roster import Fate, RowResult

Take = Callable[[Session, Sequence[Row]], list[RowResult]]


def take_in(desk: Desk, file: Path, take: Take) -> Answer:
    """Import the rows; those refused are told with the reason and stop nothing."""
    results = take(desk.session, read_table(file))
    counts = Counter(result.fate for result in results)
    said = "，".join(f"{fate} {counts[fate]}" for fate in Fate)
    record(desk.session, desk.actor, Act.IMPORTED, desk.now, note=f"{file.name}：{said}")
    data = {"file": str(file), "counts": {fate: counts[fate] for fate in Fate}, "rows": results}
    return Answer(data, [*_worth_telling(results), f"共 {len(results)} 行：{said}。"])


def _worth_telling(results: Sequence[RowResult]) -> list[Table]:
    """Every row that did something or could not; those found the same are only counted."""
    told = [result for result in results if result.fate is not Fate.SAME or result.why]
    headings = {"line": "行", "name": "名称", "fate": "结果", "why": "原因"}
    return [table(told, headings)] if told else []
