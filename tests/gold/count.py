"""How many obligations each class of units owes, by the month of their due date: {class: {month}}.

`python count.py NOTICE UNTIL`: notice 0 to 4; the last day on which rows are written. Month 待定:
without a due date; class 岗位: an office. The rules stand here once more, from the facts of the
notices and how they were read (readings.json, typed by hand); nothing of the program is imported.
"""

import json
import sys
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar import is_workday

HERE = Path(__file__).parent
BUREAU = HERE.parents[1] / "config" / "bureau"
UNITS = dict(line.split(",")[:2] for line in (BUREAU / "units.csv").read_text("utf-8").split())
POSTS = [line.split(",")[2:4] for line in (BUREAU / "posts.csv").read_text("utf-8").split()]
NEVER = (None, None)
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}


def day(text, last):
    """A date as precise as the notice is: of a month or a year its first or its last day."""
    if text is None or len(text) == 10:
        return date.fromisoformat(text) if text else None
    year, month = int(text[:4]), int(text[5:] or (12 if last else 1))
    return date(year, month, monthrange(year, month)[1] if last else 1)


def owing(words):
    """(class, name) of all who are meant by: a class, a unit, `role@` anywhere, `role@class`."""
    found = {(kind, name) for name, kind in UNITS.items() if kind in words or name in words}
    for role, _, kind in (word.partition("@") for word in words if "@" in word):
        held = [at for at in POSTS if at[0] == role and kind in ("", UNITS.get(at[1]))]
        found |= {("岗位", f"{role} {unit} {number}") for number, (_, unit) in enumerate(held)}
    return found


def natural(cycle, on):
    """The first and the last day of the week, or of the months, that hold a day."""
    if cycle == "weekly":
        return on - timedelta(on.weekday()), on + timedelta(6 - on.weekday())
    first = date(on.year, (on.month - 1) // MONTHS[cycle] * MONTHS[cycle] + 1, 1)
    return first, day(f"{on.year}-{first.month + MONTHS[cycle] - 1:02}", True)


def dues(duty, reading, until):
    """The due date of each turn that begins by `until`; None: undated."""
    first, last, due = day(duty["from"], False), day(duty["until"], True), day(duty["due"], True)
    launched, cycle = day(reading["launched"], False), duty["cycle"]
    if cycle in (None, "periodic", "irregular", "per_event"):
        if cycle in (None, "periodic") and (first or launched) <= until:
            yield (due or last) if cycle is None else None
        return
    if duty["scope"] == "person" and cycle not in MONTHS:
        cycle = "monthly"  # a person's daily, weekly and ten-day study is reported once a month
    if not (first or last):
        first, last = (day(text, False) for text in reading["stages"].get(duty.get("stage"), NEVER))
    last = min(filter(None, (last, due, day(reading["ends"], True), date.max)))
    begin, end = natural(cycle, first or launched)
    while begin <= min(last, until):
        days = [begin + timedelta(n) for n in range((min(end, last) - begin).days + 1)]
        works = [d for d in days if d >= (first or d) and (cycle != "weekly" or is_workday(d))]
        if days[-1] >= launched and (cycle != "weekly" or len(works) >= 3):
            yield days[-1]
        begin, end = natural(cycle, end + timedelta(1))


notice, until = sys.argv[1], date.fromisoformat(sys.argv[2])
reading = json.loads((HERE / "readings.json").read_text("utf-8"))[notice]
found = defaultdict(Counter)
for duty in json.loads((HERE / f"{notice}.json").read_text("utf-8")):
    words = [word for name in duty["who"] for word in reading["who"].get(name, ())]
    for due in dues(duty, reading, until) if duty["tier"] == "core" else ():
        for kind, _ in owing(reading["instead"].get(duty["id"], words)):
            found[kind][f"{due:%Y-%m}" if due else "待定"] += 1
print(json.dumps(found, ensure_ascii=False))
