"""Spans: the rows a round has to do with, cut into stretches of ids, each fit for one commit.

Cut once, they are walked through once: no batch looks again at what the batches before it did.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session


class Span(NamedTuple):
    """The ids from `first` to `last`, both included."""

    first: int
    last: int


def spans(session: Session, ids: Select[int], size: int) -> list[Span]:
    """Stretches of ids that hold at most `size` of the ids selected, in order; none: no span."""
    (id,) = ids.selected_columns
    rows = ids.add_columns(func.row_number().over(order_by=id).label("number")).subquery()
    firsts = sorted(session.scalars(select(rows.c[0]).where((rows.c.number - 1) % size == 0)))
    if not firsts:
        return []
    beyond = session.scalars(ids.with_only_columns(func.max(id))).one() + 1
    return [Span(first, following - 1) for first, following in pairwise([*firsts, beyond])]
