"""`make mutants`: a dozen faults are planted, one at a time, and each is caught by some test.

Every fault is an exact piece of the code and what it becomes. The tree is copied, the fault
planted in the copy, and the tests named beside it are run there: they must fail.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis")

CLOCK = "tests/ledger/test_rules_of_the_clock.py"
LADDER = "tests/ledger/test_rules_of_the_ladder.py"
PERIODS = "tests/ledger/test_rules_of_periods.py"
WEEK = "tests/ledger/test_rules_of_the_week.py"
ADDRESSEES = "tests/ledger/test_plan_addressees.py"
WORKDAYS = "tests/ledger/test_workdays.py"
AMENDED = "tests/ledger/test_amended_every_day.py"
TWO = "tests/ledger/test_two_at_once.py"
POSTGRESQL = ("--database", "postgresql")
ACCOUNTED = "tests/notifications/test_accounted.py"
REACHING = "tests/notifications/test_reaching.py"
TALLIES = "tests/ledger/test_tallies.py"


@dataclass(frozen=True)
class Mutant:
    """A fault: in which file, what is there, what it becomes, and which tests must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "a rung is fired a day late: < for <=",
        "ledger/climb.py",
        "position.on <= day",
        "position.on < day",
        (LADDER, "-k", "climbs_at_minus_3"),
    ),
    Mutant(
        "a rung dated on the very day of the row is suppressed: <= for <",
        "ledger/climb.py",
        "if day < self.opened_on:",
        "if day <= self.opened_on:",
        (LADDER, "-k", "very_day"),
    ),
    Mutant(
        "a young row does not wait",
        "ledger/climb.py",
        "return max(day, calendar.shift(self.opened_on, YOUNG))",
        "return day",
        (LADDER, "-k", "3_days_old"),
    ),
    Mutant(
        "after an outage the lowest rung is sent",
        "ledger/climb.py",
        "    for step, on in late[:-1]:",
        "    for step, on in late[1:]:",
        (LADDER, "-k", "after_an_outage"),
    ),
    Mutant(
        "the people of missed rungs do not hear",
        "ledger/climb.py",
        "Fired.SENT, min(told + 1, step.rung)",
        "Fired.SENT, step.rung",
        (LADDER, "-k", "after_an_outage"),
    ),
    Mutant(
        "a claim without its WHERE: a decision is carried out twice",
        "ledger/stages.py",
        ".where(Decision.id == decision.id, Decision.carried_out_at.is_(null()))",
        ".where(Decision.id == decision.id)",
        ("tests/ledger/test_claims.py", "-k", "decision"),
    ),
    Mutant(
        "a round is sealed twice",
        "ledger/grouping.py",
        ".where(Round.id == ROUND, Round.sealed_at.is_(null()))",
        ".where(Round.id == ROUND)",
        ("tests/ledger/test_claims.py", "-k", "sealed"),
    ),
    Mutant(
        "an epoch is not raised",
        "ledger/clocks.py",
        "    deadline.epoch += 1\n",
        "",
        (CLOCK, "-k", "send_back or extension_moves"),
    ),
    Mutant(
        "the next list is looked for in the wrong week",
        "ledger/weekly.py",
        "max(cal.next_list(day), day + AHEAD)",
        "day + AHEAD",
        (WEEK, "-k", "golden_week"),
    ),
    Mutant(
        "a list is made in every round of the week",
        "ledger/weekly.py",
        "    _record_week(session, current, week, None)\n",
        "",
        (WEEK, "-k", "does_not_come_again or nothing_to_say or up_to_the_next"),
    ),
    Mutant(
        "a lock is ignored",
        "ledger/intake.py",
        "return obligation.lock_at is not None and obligation.lock_at <= now",
        "return False",
        (CLOCK, "-k", "after_the_lock"),
    ),
    Mutant(
        "the first receipt is overwritten",
        "ledger/intake.py",
        "obligation.first_received_at = obligation.first_received_at or now",
        "obligation.first_received_at = now",
        (CLOCK, "-k", "correction_handed_in"),
    ),
    Mutant(
        "the lock does not wait for the next period",
        "ledger/opening.py",
        "late = next_due if next_due is not None else cal.shift(due, LOCK_WITHOUT_NEXT)",
        "late = due",
        (CLOCK, "-k", "next_owed_week or 20_working_days"),
    ),
    Mutant(
        "everybody strikes off their own problem",
        "ledger/rectification.py",
        "if by.post is None or by.post.person_id == closure.applicant_id:",
        "if by.post is None:",
        (CLOCK, "-k", "their_own_problem"),
    ),
    Mutant(
        "yesterday's unsent message leaves beside today's",
        "ledger/round.py",
        "    take_along(session, current, calendar)\n",
        "",
        ("tests/ledger/test_claims.py", "-k", "unsent"),
    ),
    Mutant(
        "many rows change and the counters are not told",
        "ledger/tallying.py",
        "    if deciding:\n",
        "    if not deciding:\n",
        (TALLIES, "-k", "many_rows"),
    ),
    Mutant(
        "the wider class wins",
        "ledger/plan_addressees.py",
        "return self.reach < other.reach",
        "return self.reach > other.reach",
        (ADDRESSEES,),
    ),
    Mutant(
        "an amendment moves the date of what is overdue",
        "ledger/amendment.py",
        "obligation.due is not None and obligation.due < self.today:",
        "obligation.due is None:",
        (AMENDED, "-k", "random_day"),
    ),
    Mutant(
        "what is withdrawn is still chased",
        "ledger/releasing.py",
        "    if deadline is not None:\n        end_clock(deadline)\n",
        "",
        (AMENDED, "-k", "random_day"),
    ),
    Mutant(
        "a week with two working days owes",
        "ledger/periods.py",
        "OWED_FROM = 3",
        "OWED_FROM = 2",
        ("tests/ledger/test_periods.py",),
    ),
    Mutant(
        "on PostgreSQL several write at once",
        "config/postgresql.py",
        "SELECT pg_advisory_xact_lock({WRITER})",
        "SELECT {WRITER}",
        ("tests/config/test_database.py", "-k", "nothing_is_lost"),
    ),
    Mutant(
        "on PostgreSQL nobody knows how many rows were new",
        "ledger/sql.py",
        ".execution_options(preserve_rowcount=True)",
        "",
        ("tests/ledger/test_sql.py", *POSTGRESQL),
    ),
    Mutant(
        "a ledger that has moved numbers its rows from 1 again",
        "migrations/relocation.py",
        "    number_on(there, table)\n",
        "",
        ("tests/migrations/test_relocation.py", "-k", "numbered_on"),
    ),
    Mutant(
        "what another process has touched meanwhile is claimed all the same",
        "notifications/claims.py",
        '            Message.leaves_at == bindparam("moment", type_=MOMENT),\n',
        "",
        (ACCOUNTED, "-k", "touched_meanwhile"),
    ),
    Mutant(
        "an unclear daily message leaves again beside the next day's",
        "notifications/claims.py",
        "or_(Message.kind != MessageKind.DIGEST, Message.round_id.in_(todays))",
        "or_(Message.kind != MessageKind.DIGEST, Message.round_id.in_(todays), Message.again)",
        (ACCOUNTED, "-k", "hears_once_a_day"),
    ),
    Mutant(
        "a weekly list that may have left leaves again",
        "notifications/claims.py",
        "        Item.kind.not_in(TOLD_ONCE),\n",
        "",
        (REACHING, "-k", "unknown_weekly"),
    ),
    Mutant(
        "a message whose reader has no living address ends there",
        "notifications/consequences.py",
        "if outcome.stranded else None",
        "if not outcome.stranded else None",
        (REACHING, "-k", "deputy"),
    ),
    Mutant(
        "the office hears of the first failure of a message only",
        "ledger/undelivered.py",
        'key("undelivered", message.id, now.isoformat())',
        'key("undelivered", message.id)',
        (ACCOUNTED, "-k", "told"),
    ),
    Mutant(
        "a deputy hears beside the absent holder, not instead",
        "ledger/standing_in.py",
        "    session.execute(_hand_over(), today)\n",
        "",
        ("tests/ledger/test_standing_in.py", "-k", "deputy_hears"),
    ),
)


def text_of(mutant: Mutant, root: Path = ROOT) -> str:
    """The file's text; AssertionError unless the fault's place stands in it exactly once."""
    text = (root / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.name}: {text.count(mutant.old)} places"
    return text


def is_caught(mutant: Mutant) -> bool:
    """Plant the fault in a copy of the tree and run its tests there."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        text = text_of(mutant, copy)
        (copy / mutant.file).write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        run = subprocess.run(
            [*command, *mutant.tests], cwd=copy, capture_output=True, text=True, check=False
        )
    if run.returncode not in (0, 1):
        print(run.stdout[-2000:], run.stderr[-2000:])
        raise SystemExit(f"{mutant.name}: the tests did not run")
    return run.returncode == 1


def main() -> int:
    """Plant them all; 1 when one survives."""
    survivors = 0
    for mutant in MUTANTS:
        caught = is_caught(mutant)
        survivors += not caught
        print("caught  " if caught else "SURVIVED", mutant.name, flush=True)
    print(f"{len(MUTANTS) - survivors} of {len(MUTANTS)} caught")
    return int(survivors > 0)


if __name__ == "__main__":
    raise SystemExit(main())
