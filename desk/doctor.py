"""duban doctor: what is missing to run in earnest, and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from tempfile import TemporaryFile

from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from config.schema import SchemaError
from desk.checks import Check, Verdict
from desk.refusals import sentence
from desk.speech import Answer, table
from desk.tuning import tuning
from desk.workplace import Workplace
from ledger.calendars import calendar_of
from ledger.readiness import (
    last_round,
    persons_unreachable,
    roles_not_held,
    running_campaigns,
    units_there,
    units_without,
    units_without_leader,
)
from ledger.roles import Role
from notifications.trial import faults
from notifications.wording import wording

SHOWN = 5
LITTLE_ROOM = 1024 * 1024 * 1024
"""Bytes of free disk below which there is a warning."""


def examine(place: Workplace) -> Answer:
    """Look at everything; exit code 1 when something needed is missing."""
    checks = [*_machine(place), *_ledger(place), *_settings(place), *_templates(place)]
    checks += [*_clock(), *_years(place)]
    missing = sum(check.verdict is Verdict.MISSING for check in checks)
    words = f"还缺 {missing} 样，补齐后再正式运行。" if missing else "可以正式运行。"
    headings = {"verdict": "", "what": "检查", "found": "情况", "advice": "怎么办"}
    data = {"ready": not missing, "checks": checks}
    return Answer(data, [table(checks, headings), words], code=1 if missing else 0)


def _machine(place: Workplace) -> Iterator[Check]:
    home = place.settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home) as probe:
            probe.write(b"duban")
    except OSError as error:
        yield Check(Verdict.MISSING, "数据目录", sentence(error), "改正 DUBAN_HOME 或该处的权限")
        return
    free = shutil.disk_usage(home).free
    verdict = Verdict.WELL if free > LITTLE_ROOM else Verdict.WARNING
    advice = "" if verdict is Verdict.WELL else "清理磁盘"
    yield Check(verdict, "数据目录", f"{home}，可用 {free / LITTLE_ROOM:.1f} GB", advice)


def _ledger(place: Workplace) -> Iterator[Check]:
    yield from tuning(place.settings.database_url)
    try:
        with place.database() as database, database.reading() as session:
            checks = [*_roster(session, place), *_running(session)]
    except SchemaError as error:
        yield Check(Verdict.MISSING, "数据库", sentence(error), "运行 duban migrate")
        return
    except DatabaseError as error:
        yield Check(Verdict.MISSING, "数据库", sentence(error), "先让数据库连得上、读得出")
        return
    yield Check(Verdict.WELL, "数据库", "已建好，版本相符")
    yield from checks


def _roster(session: Session, place: Workplace) -> Iterator[Check]:
    today = place.today
    units = units_there(session, today)
    if not units:
        yield Check(Verdict.MISSING, "单位", "一个也没有", "duban units import 单位表")
    else:
        yield Check(Verdict.WELL, "单位", f"{units} 个")
    needed = roles_not_held(session, (Role.OFFICE, Role.LEADING_GROUP), today)
    yield _names(needed, "活动办和领导小组", "都有人", Verdict.MISSING, "在岗位表里补上这些角色")
    without = (
        ("没有联络员的单位", units_without(session, Role.CONTACT, today), Verdict.MISSING),
        ("没有主要负责人的单位", units_without(session, Role.HEAD, today), Verdict.WARNING),
        ("没有责任领导的单位", units_without_leader(session, today), Verdict.WARNING),
        ("没有可用地址的人", persons_unreachable(session, today), Verdict.WARNING),
    )
    for what, names, verdict in without:
        yield _names(names, what, "没有这种情况", verdict, "补进表格后 duban posts import 岗位表")


def _running(session: Session) -> Iterator[Check]:
    campaigns = running_campaigns(session)
    yield Check(Verdict.WELL, "进行中的活动", "、".join(campaigns) or "没有")
    day = last_round(session)
    yield Check(Verdict.WELL, "最近的日程轮", str(day) if day else "还没有跑过")


def _settings(place: Workplace) -> Iterator[Check]:
    settings = place.settings
    if settings.smtp_host:
        yield Check(Verdict.WELL, "发信服务器", f"{settings.smtp_host}:{settings.smtp_port}")
    else:
        found = f"没有设，消息只写进 {settings.home / 'outbox'}"
        yield Check(Verdict.MISSING, "发信服务器", found, "设 DUBAN_SMTP_HOST 和 DUBAN_MAIL_FROM")
    if settings.heartbeat_url:
        yield Check(Verdict.WELL, "心跳", settings.heartbeat_url)
    else:
        yield Check(Verdict.WARNING, "心跳", "没有设，停摆时无人知道", "设 DUBAN_HEARTBEAT_URL")
    port = settings.prefect_port
    if _answers(port):
        yield Check(Verdict.WELL, "Prefect", f"在 127.0.0.1:{port} 运行")
    else:
        advice = "运行 make up；停用期间由 cron 每小时运行 duban tick"
        yield Check(Verdict.WARNING, "Prefect", f"127.0.0.1:{port} 没有应答", advice)


def _templates(place: Workplace) -> Iterator[Check]:
    wrong = faults(place.settings.templates)
    for fault in wrong:
        advice = "改好后用 duban messages preview 看一眼"
        yield Check(Verdict.WARNING, "消息模板", fault.sentence, advice)
    if not wrong:
        ours = len(wording(place.settings.templates).overrides.sources)
        found = f"改写了 {ours} 个，都能用" if ours else "都用自带的"
        yield Check(Verdict.WELL, "消息模板", found)


def _clock() -> Iterator[Check]:
    fixed = os.environ.get("DUBAN_NOW")
    if fixed:
        yield Check(Verdict.WARNING, "时钟", f"DUBAN_NOW 定在 {fixed}", "正式运行前取消 DUBAN_NOW")


def _years(place: Workplace) -> Iterator[Check]:
    """By the ledger's own calendar, where there is a ledger."""
    calendar = place.calendar
    with (
        suppress(SchemaError, DatabaseError),
        place.database() as database,
        database.reading() as session,
    ):
        calendar = calendar_of(session, calendar)
    for year in (place.today.year, place.today.year + 1):
        if calendar.provisional(place.today.replace(year=year, day=1)):
            advice = f"国务院公布放假安排后运行 duban calendar import {year} 文件"
            yield Check(
                Verdict.WARNING, "节假日", f"{year} 年的安排尚未公布，暂按周一至周五", advice
            )
        else:
            yield Check(Verdict.WELL, "节假日", f"{year} 年已公布")


def _names(names: Sequence[str], what: str, none: str, verdict: Verdict, advice: str) -> Check:
    if not names:
        return Check(Verdict.WELL, what, none)
    rest = f" 等 {len(names)} 个" if len(names) > SHOWN else ""
    return Check(verdict, what, "、".join(names[:SHOWN]) + rest, advice)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.3):
            return True
    except OSError:
        return False
