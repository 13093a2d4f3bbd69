"""The demonstration: few flow runs, every day played, nothing of this machine's settings used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.demo import BEHAVIOUR, PLAN, _private_settings
from flows.playing import chunks, playing_days, read_script


def test_the_year_is_played_day_by_day_in_at_most_25_flow_runs() -> None:
    script = read_script(PLAN, BEHAVIOUR)
    days = playing_days(script)
    down = script.behaviour.down_days()
    assert down, "the behaviour has days on which the machine is down"
    assert (days[0], days[-1]) == (date(2017, 4, 14), date(2018, 2, 28))
    every = [date(2017, 4, 14) + timedelta(days=number) for number in range(321)]
    assert days == [day for day in every if day not in down]
    ticks = chunks(days, script)
    assert [day for chunk in ticks for day in chunk] == days
    moves = len(script.plan.stages) + 2
    assert len(ticks) + moves <= 25


def test_a_tick_run_ends_with_a_month_or_with_a_stage() -> None:
    script = read_script(PLAN, BEHAVIOUR)
    ends = [chunk[-1] for chunk in chunks(playing_days(script), script)]
    assert ends[:4] == [date(2017, 4, 20), date(2017, 4, 30), date(2017, 5, 31), date(2017, 6, 30)]


def test_the_demo_uses_none_of_this_machines_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_SMTP_HOST", "smtp.bureau.example")
    monkeypatch.setenv("DUBAN_MAIL_FROM", "duban@bureau.example")
    monkeypatch.setenv("DUBAN_DATABASE_URL", "sqlite:////srv/duban.db")
    monkeypatch.setenv("DUBAN_HOME", "/srv/duban")
    settings = _private_settings(tmp_path)
    assert settings.smtp_host is None
    assert settings.heartbeat_url is None
    assert settings.database_url == f"sqlite:///{tmp_path}/duban.db"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_demo_runs_to_its_end_and_tells_what_happened(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows", "demo"],
        env={**os.environ, "DUBAN_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for title in ("逐月经过", "应报、已报、按时", "逐级提醒", "登到高层级的"):
        assert title in done.stdout
    assert "活动“敢转争”已结束" in done.stdout
    runs = re.search(r"流程运行 (\d+) 次，发出消息 (\d+) 封", done.stdout)
    assert runs is not None
    assert 10 <= int(runs[1]) <= 25
    mails = list((tmp_path / "demo" / "outbox").rglob("*.eml"))
    assert len(mails) == int(runs[2]) > 1000
    assert (tmp_path / "demo" / "duban.db").exists()
