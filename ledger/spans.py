"""Spans: the rows a round has to do with, cut into stretches of ids, each fit for one commit.

Cut once, they are walked through once: no batch looks again at what the batches before it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session


class Span(NamedTuple):
    """The ids from `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True)
class Ids:
    """The ids a SELECT of one column finds; kept, its statements are built only once."""

    found: Select[int]

    def spans(self, session: Session, size: int, **values: Any) -> list[Span]:
        """Stretches that hold at most `size` of the ids, in order; none: no span.

        `values` are for the parameters of the SELECT.
        """
        firsts = sorted(session.scalars(self._firsts, {**values, "span_size": size}))
        if not firsts:
            return []
        beyond = session.scalars(self._last, values).one() + 1
        return [Span(first, following - 1) for first, following in pairwise([*firsts, beyond])]

    @cached_property
    def _firsts(self) -> Select[int]:
        (id,) = self.found.selected_columns
        # Ordered by the bare id, SQLite walks through the whole table to find the few.
        order = id if self.found.whereclause is None else id + 0
        number = func.row_number().over(order_by=order).label("number")
        rows = self.found.add_columns(number).subquery()
        size = bindparam("span_size", type_=Integer)
        return select(rows.c[0]).where((rows.c.number - 1) % size == 0)

    @cached_property
    def _last(self) -> Select[int]:
        (id,) = self.found.selected_columns
        return self.found.with_only_columns(func.max(id))
