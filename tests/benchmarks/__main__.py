"""`make bench`: measure, and print plain tables; nothing is asserted.

Each piece of work runs in a process of its own on a fresh copy of the same ledger, the floor and
the ledger by turns, so that both meet the same noise.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.mails import MAILS
from tests.benchmarks.mails import measure as measure_mails
from tests.benchmarks.places import Files, Place, Server
from tests.benchmarks.stock import write_calm, write_eve, write_open

PLACES: dict[str, type[Place]] = {"sqlite": Files, "postgresql": Server}
WHOLE = 1_000_000
"""From this size on, the province is a whole one."""

OTHERS = {"SpiffWorkflow": 1000, "APScheduler": 1000, "Prefect": 300}
"""How many duties each bears in a bearable time."""

COSTLY = (("opening", "开立一期", "eve"), ("busy", "十分之一到期的一轮", "opened"))
QUICK = (
    ("quiet", "无事的一轮", True),
    ("tick", "当天再走一遍", False),
    ("counts", "页面上的计数", True),
    ("page", "活动一整页", False),
    ("recounting", "逐件清点（夜间自查）", False),
)

HEADINGS = ("事", "件数", "底线 中位", "最小–最大", "督办 中位", "最小–最大", "倍数", "内存峰值 MB")


def main() -> None:
    """Measure what was asked for."""
    given = _given()
    for name in given.databases.split(","):
        for size in sorted(given.sizes):
            _measure(PLACES[name], size)
    _title("每日消息经发信服务器发出")
    measure_mails(MAILS)
    _measure_others()
    province = 30_000 if max(given.sizes) >= WHOLE else 1_000
    _measure_province(given.province or province)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    sizes = "10000,100000,1000000"
    parser.add_argument("--sizes", default=sizes, type=_numbers, help="应报件数，以逗号分隔")
    parser.add_argument("--databases", default=",".join(PLACES), help="sqlite、postgresql")
    parser.add_argument("--province", type=int, help="推演的单位数")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number.replace("_", "")) for number in text.split(",")]


def _measure(kind: type[Place], size: int) -> None:
    place = kind()
    try:
        write_eve(place, "eve", size)
        write_open(place, "eve", "opened")
        write_calm(place, "opened", "calm")
        _title(f"{place.kind}，{size:,} 件")
        _rows(HEADINGS, _measured(place, size))
    finally:
        place.close()


def _measured(place: Place, size: int) -> Iterable[Sequence[str]]:
    for what, name, before in COSTLY:
        floors, ours = [], []
        for turn in range(_turns(size)):
            both = [("floor", floors), ("ours", ours)]
            for who, found in both if turn % 2 else reversed(both):
                found.append(_work(who, what, place.copy(before, "now")))
        yield _row(name, size, floors, ours)
    for what, name, has_floor in QUICK:
        floors = [_work("floor", what, place.copy("calm", "now"))] if has_floor else []
        yield _row(name, size, floors, [_work("ours", what, place.copy("calm", "now"))])


def _turns(size: int) -> int:
    return 7 if size <= 10_000 else 5 if size <= 100_000 else 3


def _row(name: str, size: int, floors: list[Any], ours: list[Any]) -> Sequence[str]:
    if floors and floors[0]["rows"] != ours[0]["rows"]:
        name += "（两者所做不同！）"
    below = [second for run in floors for second in run["seconds"]]
    mine = [second for run in ours for second in run["seconds"]]
    ratio = f"{median(mine) / median(below):.2f}" if below else ""
    peak = max(run["peak"] for run in ours)
    return (name, f"{size:,}", *_spread(below), *_spread(mine), ratio, f"{peak:.0f}")


def _spread(seconds: list[float]) -> tuple[str, str]:
    if not seconds:
        return "", ""
    return _time(median(seconds)), f"{_time(min(seconds))}–{_time(max(seconds))}"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _measure_others() -> None:
    _title("同样的事，别人每件要多久（毫秒）")
    rows = [_ours_per_duty(1000)]
    for who, duties in OTHERS.items():
        found = _child("others", who, str(duties))
        if "missing" in found:
            rows.append((who, f"没有装：.venv/bin/pip install {who} 以后再量", "", ""))
            continue
        opened, due = (f"{found[key] / duties * 1000:.2f}" for key in ("opened", "due"))
        rows.append((who, f"{duties:,}", "" if opened == "0.00" else opened, due))
    _rows(("谁", "件数", "每件开立", "每件到期"), rows)


def _ours_per_duty(size: int) -> Sequence[str]:
    place = Files()
    try:
        write_eve(place, "eve", size)
        write_open(place, "eve", "opened")
        opening = _work("ours", "opening", place.copy("eve", "now"))["seconds"][0] / size
        due = _work("ours", "busy", place.copy("opened", "now"))["seconds"][0] / (size / 10)
    finally:
        place.close()
    return ("督办（SQLite）", f"{size:,}", f"{opening * 1000:.2f}", f"{due * 1000:.2f}")


def _measure_province(units: int) -> None:
    _title("推演一个省：敢转争，一个季度，SQLite 文件")
    rows = []
    for number in sorted({1_000, units}):
        found = _child("province", str(number))
        rows.append(
            (
                f"{found['units']:,}",
                f"{found['owed']:,}",
                f"{found['events']:,}",
                _time(found["import"]),
                _time(found["play"]),
                f"{found['play'] / found['events'] * 1000:.2f} ms",
                f"{found['peak']:.0f}",
            )
        )
    _rows(("单位", "应报件", "事件", "导入名册", "推演", "每件事", "内存峰值 MB"), rows)


def _work(who: str, what: str, url: str) -> dict[str, Any]:
    return _child("work", who, what, url)


def _child(module: str, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *words]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"{run.stderr}\n{' '.join(command)} 没有做完，见上。")
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def _title(text: str) -> None:
    print(f"\n### {text}\n", flush=True)


def _rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print("|", " | ".join(headings), "|")
    print("|" + "---|" * len(headings), flush=True)
    for row in rows:
        print("|", " | ".join(row), "|", flush=True)


if __name__ == "__main__":
    main()
