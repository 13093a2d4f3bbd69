from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from ledger.deadlines import Clock, Deadline
from ledger.letters import Letter, letter, letters
from ledger.lines import Section
from ledger.messages import ItemKind, Message, MessageKind
from ledger.obligations import Obligation, ObligationState
from ledger.roles import Role
from ledger.units import Person, Respondent
from tests import store
from tests.notifications.scene import CAL, NOW, TODAY, Scene

SUNDAY = date(2017, 4, 30)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


def read(scene: Scene, message: Message) -> Letter:
    scene.session.flush()
    return letter(scene.session, message, NOW, CAL)


def obligation(scene: Scene, deadline: Deadline) -> Obligation:
    return scene.session.get_one(Obligation, deadline.obligation_id)


def test_a_line_says_what_is_asked_by_when_how_late_for_whom_and_why(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.rung(message, scene.contact, scene.owed(SUNDAY), 1)
    found = read(scene, message)
    (line,) = found.lines
    assert (found.to, found.campaigns) == ("李文静", ("读书活动全名",))
    assert line.title == "云川市第一中学·每周稿件（2017年第16周）"
    assert (line.campaign, line.unit, line.what) == ("读书", "云川市第一中学", "每周稿件")
    assert (line.due, line.days_late, line.provisional) == (SUNDAY, 3, False)
    assert (line.word, line.rung, line.repeat, line.ladder) == ("催办", 1, 0, "rectification")
    assert line.receiver == "局活动办"
    assert line.why == found.why == "您收到这条消息，是因为您是云川市第一中学的联络员。"


def test_due_today_is_not_late_and_the_day_after_is_one_day_late(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.rung(message, scene.contact, scene.owed(TODAY), 0)
    scene.rung(message, scene.contact, scene.owed(TODAY - timedelta(days=1)), 0)
    days = {line.due: line.days_late for line in read(scene, message).lines}
    assert days == {TODAY: 0, TODAY - timedelta(days=1): 1}


def test_a_date_in_an_unpublished_year_is_provisional(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.weekly(message, scene.contact, scene.owed(date(2099, 5, 6)))
    assert read(scene, message).lines[0].provisional


def test_a_repeat_says_how_many_times(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.rung(message, scene.contact, scene.problem(SUNDAY), 3, repeat=2)
    line = read(scene, message).lines[0]
    assert line.word == "提请领导小组（第3次）"
    assert line.title.endswith("号 云川市第一中学·食堂台账不全")


def test_a_rung_and_a_weekly_line_about_one_case_are_one_line(scene: Scene) -> None:
    message = scene.message(scene.contact)
    owed = scene.owed(SUNDAY)
    for n in (1, 2, 0):
        scene.rung(message, scene.contact, owed, n)
    scene.weekly(message, scene.contact, owed)
    scene.weekly(message, scene.contact, scene.owed(SUNDAY))
    assert [line.word for line in read(scene, message).lines] == ["督办", "本周清单"]


@pytest.mark.parametrize("clock", [Clock.STANDING, Clock.ENDED])
def test_a_reminder_of_a_clock_that_no_longer_runs_is_left_out(scene: Scene, clock: Clock) -> None:
    message = scene.message(scene.contact)
    handed_in, open_ = scene.owed(SUNDAY), scene.problem(SUNDAY)
    scene.rung(message, scene.contact, handed_in, 1)
    scene.weekly(message, scene.contact, handed_in)
    scene.rung(message, scene.contact, open_, 1)
    handed_in.clock = clock
    assert [line.subject for line in read(scene, message).lines] == [(None, open_.problem_id)]


def test_a_reminder_of_an_earlier_epoch_is_left_out(scene: Scene) -> None:
    message = scene.message(scene.contact)
    owed = scene.owed(SUNDAY)
    scene.rung(message, scene.contact, owed, 1)
    owed.epoch += 1
    assert read(scene, message).lines == ()


def test_a_reminder_is_left_out_from_the_moment_of_the_lock(scene: Scene) -> None:
    message = scene.message(scene.contact)
    owed = scene.owed(SUNDAY)
    scene.rung(message, scene.contact, owed, 1)
    obligation(scene, owed).lock_at = NOW + timedelta(seconds=1)
    assert len(read(scene, message).lines) == 1
    obligation(scene, owed).lock_at = NOW
    assert read(scene, message).lines == ()


def test_news_stays_whatever_the_case_does(scene: Scene) -> None:
    message = scene.message(scene.contact)
    owed = scene.owed(SUNDAY)
    owed.clock = Clock.ENDED
    about = {"deadline_id": owed.id, "obligation_id": owed.obligation_id, "due": owed.due}
    scene.news(message, scene.contact, ItemKind.EXTENDED, "“稿件”延期批准", **about)
    (line,) = read(scene, message).lines
    assert (line.headline, line.days_late, line.section) == ("“稿件”延期批准", 0, Section.NEWS)


@pytest.mark.parametrize(
    ("state", "listed"),
    [(ObligationState.MISSED, 1), (ObligationState.OWED, 1), (ObligationState.ACCEPTED, 0)],
)
def test_the_list_of_the_missing_names_only_who_is_still_missing(
    scene: Scene, state: ObligationState, listed: int
) -> None:
    office = scene.post("赵明", Role.OFFICE)
    message = scene.message(office)
    owed = scene.owed(SUNDAY)
    obligation(scene, owed).state = state
    about = {"obligation_id": owed.obligation_id, "due": owed.due}
    scene.news(message, office, ItemKind.MISSING, "每月未报名单", **about)
    assert len(read(scene, message).lines) == listed


def test_a_dropped_line_is_left_out(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.weekly(message, scene.contact, scene.owed(SUNDAY)).dropped = "本周已过"
    assert read(scene, message).lines == ()


def test_the_most_urgent_line_comes_first(scene: Scene) -> None:
    message = scene.message(scene.contact)
    scene.news(message, scene.contact, ItemKind.ASSIGNED, "交办")
    scene.weekly(message, scene.contact, scene.owed(date(2017, 5, 20)))
    scene.weekly(message, scene.contact, scene.owed(date(2017, 4, 1)))
    scene.rung(message, scene.contact, scene.owed(date(2017, 4, 28)), 1)
    scene.rung(message, scene.contact, scene.owed(date(2017, 4, 30)), 2)
    found = read(scene, message)
    words = [line.word for line in found.lines]
    assert words == ["督办", "催办", "本周清单", "本周清单", ""]
    assert [section for section, _ in found.sections] == [
        Section.OVERDUE,
        Section.AHEAD,
        Section.NEWS,
    ]


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.LEADER, 10), (Role.LEADING_GROUP, 10), (Role.CONTACT, 50), (Role.OFFICE, 50)],
)
def test_a_leader_sees_ten_lines_and_how_many_more_there_are(
    scene: Scene, role: Role, shown: int
) -> None:
    post = scene.post("某人", role, scene.school)
    message = scene.message(post)
    for _ in range(53):
        scene.rung(message, post, scene.owed(SUNDAY), 2)
    found = read(scene, message)
    assert (len(found.lines), found.rest) == (shown, 53 - shown)
    assert (found.total, found.late) == (53, 53)


def test_a_leaders_own_duty_comes_before_those_of_their_units(scene: Scene) -> None:
    leader = scene.post("钱若竹", Role.LEADER)
    respondent = scene.add(Respondent(post_id=leader.id, name="责任领导钱若竹"))
    message = scene.message(leader)
    for _ in range(12):
        scene.rung(message, leader, scene.owed(SUNDAY), 2)
    own = scene.owed(TODAY, respondent=respondent, what="心得体会", period="once")
    scene.rung(message, leader, own, 0)
    first = read(scene, message).lines[0]
    assert (first.what, first.section) == ("心得体会", Section.OWN)
    assert first.why.endswith("您是责任领导，有由您本人办理的事项。")


def test_a_leader_hears_which_of_their_units_it_is_about(scene: Scene) -> None:
    leader = scene.post("钱若竹", Role.LEADER)
    message = scene.message(leader)
    scene.rung(message, leader, scene.owed(SUNDAY), 2)
    scene.rung(message, leader, scene.problem(SUNDAY, scene.unit("云川市第二中学")), 2)
    why = read(scene, message).why
    assert why == "您收到这条消息，是因为您是云川市第一中学、云川市第二中学的责任领导。"


def test_a_deputy_hears_for_whom(scene: Scene) -> None:
    deputy = scene.add(Person(name="李晓岚"))
    leader = scene.post("钱若竹", Role.LEADER, deputy_id=deputy.id)
    respondent = scene.add(Respondent(post_id=leader.id, name="责任领导钱若竹"))
    message = scene.message(leader, person_id=deputy.id)
    own = scene.owed(SUNDAY, respondent=respondent)
    scene.rung(message, leader, own, 1, why="代理人", person_id=deputy.id)
    found = read(scene, message)
    assert found.to == "李晓岚"
    assert found.why == "您收到这条消息，是因为您是钱若竹的代理人。"


def test_the_office_hears_in_whose_place(scene: Scene) -> None:
    office = scene.post("赵明", Role.OFFICE)
    message = scene.message(office)
    why = "没有在任的主要负责人，改报活动办"
    scene.rung(message, office, scene.owed(SUNDAY), 1, why=why)
    found = read(scene, message)
    assert found.lines[0].reason.instead == why
    assert why in found.why


def test_the_undated_are_counted_for_the_office(scene: Scene) -> None:
    office = scene.post("赵明", Role.OFFICE)
    message = scene.message(office)
    about = {"deliverable_id": scene.deliverable("典型经验").id, "count": 42}
    scene.news(message, office, ItemKind.UNDATED, "没有期限，待活动办定期", **about)
    (line,) = read(scene, message).lines
    assert (line.title, line.due, line.section) == ("典型经验", None, Section.UNDATED)
    assert line.news == "42个单位（岗位）应报，没有期限，待活动办定期"


def test_a_send_back_names_the_date_of_the_correction(scene: Scene) -> None:
    message = scene.message(scene.contact, MessageKind.SEND_BACK)
    owed = scene.owed(SUNDAY)
    row = obligation(scene, owed)
    row.state, row.correction_due = ObligationState.RETURNED, date(2017, 5, 8)
    about = {"obligation_id": row.id, "due": SUNDAY}
    scene.news(message, scene.contact, ItemKind.ACT, "退回：缺照片", **about)
    (line,) = read(scene, message).lines
    assert (line.due, line.days_late) == (date(2017, 5, 8), 0)


def test_many_letters_are_read_at_once_and_none_gets_anothers_lines(scene: Scene) -> None:
    messages = []
    for n in range(3):
        post = scene.post(f"人{n}", Role.CONTACT, scene.unit(f"第{n}中学"))
        message = scene.message(post)
        for _ in range(n):
            scene.weekly(message, post, scene.owed(SUNDAY))
        messages.append(message.id)
    found = letters(scene.session, messages, NOW, CAL)
    assert [(found[id].to, found[id].total) for id in messages] == [
        ("人0", 0),
        ("人1", 1),
        ("人2", 2),
    ]
