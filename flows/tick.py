"""The clock's tick: carry out what was decided, run the round, show what came of it."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from config import clock
from tasks.campaigns import carry_out
from tasks.rounds import run_rounds, tell_of_rounds
from tasks.tables import show_fires, show_tallies


@flow(name="日程轮", persist_result=False)
def tick(moments: list[datetime] | None = None) -> int:
    """Run the round for now, or step through the given moments; how many daily rounds it sealed.

    A missed tick is never made up for: the next one does all that has come due.
    """
    steps = moments or [clock.now()]
    carry_out(steps[0])
    sealed = run_rounds(steps)
    if sealed:
        show_fires(tell_of_rounds(sealed))
        show_tallies()
    return len(sealed)
