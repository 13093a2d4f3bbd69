"""What a letter knows beside its lines: sent again, rerouted, for whom, announced, to sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from ledger.absences import Absence
from ledger.announcements import AnnouncedFile, Announcement, Telling
from ledger.letters import Letter, Sort, letter, letters
from ledger.messages import ItemKind, Message, MessageKind, MessageState
from ledger.roles import Role
from ledger.signatures import Signature
from ledger.titles import one_line
from ledger.units import Person, Post
from tests import store
from tests.notifications.scene import CAL, NOW, TODAY, Scene

DAY = timedelta(days=1)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


def read(scene: Scene, message: Message) -> Letter:
    scene.session.flush()
    return letter(scene.session, message, NOW, CAL)


def announcement(scene: Scene, telling: Telling = Telling.NOTICE, **more: object) -> Announcement:
    office = scene.post("赵明", Role.OFFICE)
    given = {"title": "会议改期", "body": "改到周五。\n地点不变。", "by_post_id": office.id}
    row: Announcement = scene.add(Announcement(telling=telling, at=NOW, **(given | more)))
    return row


def told(scene: Scene, row: Announcement) -> Message:
    message = scene.message(scene.contact, MessageKind(row.telling.value), announcement_id=row.id)
    scene.news(message, scene.contact, ItemKind.ANNOUNCED, row.title)
    return message


def test_a_message_that_left_before_says_so(scene: Scene) -> None:
    message = scene.digest()
    assert not read(scene, message).again
    message.resends = 1
    assert read(scene, message).again
    message.resends, message.state = 0, MessageState.UNKNOWN
    assert read(scene, message).again


def test_a_message_rerouted_names_whom_it_could_not_reach(scene: Scene) -> None:
    lost = scene.digest()
    assert read(scene, lost).instead_of is None
    head = scene.post("周正", Role.HEAD, scene.school)
    message = scene.message(head, origin_id=lost.id)
    scene.rung(message, head, scene.owed(TODAY - DAY), 1)
    assert read(scene, message).instead_of == "李文静"


@pytest.mark.parametrize(
    ("first", "last", "away"),
    [
        (TODAY, TODAY, True),
        (TODAY - DAY, None, True),
        (TODAY - 3 * DAY, TODAY - DAY, False),
        (TODAY + DAY, None, False),
    ],
)
def test_a_deputy_stands_in_only_while_the_holder_is_away(
    scene: Scene, first: date, last: date | None, away: bool
) -> None:
    deputy = scene.add(Person(name="李晓岚"))
    post = scene.post("周正", Role.HEAD, scene.school, deputy_id=deputy.id)
    scene.add(Absence(person_id=post.person_id, first=first, last=last, at=NOW))
    message = scene.message(post, person_id=deputy.id)
    scene.rung(message, post, scene.owed(TODAY - DAY), 1, person_id=deputy.id)
    found = read(scene, message)
    assert found.stands_in == (("周正",) if away else ())
    said = "您收到这条消息，是因为您是周正的代理人"
    assert found.why == said + ("，其外出期间由您代收。" if away else "。")


def test_who_is_away_reads_their_own_message_without_a_stand_in(scene: Scene) -> None:
    scene.add(Absence(person_id=scene.contact.person_id, first=TODAY, at=NOW))
    assert read(scene, scene.digest()).stands_in == ()


def test_an_announcement_is_told_with_its_files_its_sender_and_its_campaign(scene: Scene) -> None:
    row = announcement(scene, campaign_id=scene.campaign.id)
    for name in ("议程.docx", "名单.xlsx"):
        scene.add(AnnouncedFile(announcement_id=row.id, name=name, sha256="0" * 64, size=1))
    found = read(scene, told(scene, row)).announcement
    assert found is not None
    assert (found.title, found.body) == ("会议改期", "改到周五。\n地点不变。")
    assert found.files == ("议程.docx", "名单.xlsx")
    assert (found.by, found.campaign, found.about) == ("活动办赵明", "读书活动全名", None)


def test_a_correction_knows_what_was_wrong_and_why(scene: Scene) -> None:
    wrong = announcement(scene, title="旧题", body="改到周四。")
    right = announcement(scene, Telling.CORRECTION, about_id=wrong.id, reason="日子写错")
    found = read(scene, told(scene, right)).announcement
    assert found is not None and found.about is not None
    assert (found.about.title, found.about.body) == ("旧题", "改到周四。")
    assert (found.telling, found.reason) == (Telling.CORRECTION, "日子写错")


def test_a_message_is_to_be_signed_for_until_it_is(scene: Scene) -> None:
    message = scene.digest()
    row = scene.add(Signature(message_id=message.id, within=2, due=date(2099, 5, 6)))
    assert read(scene, message).sign_by == (date(2099, 5, 6), True)
    row.signed_at = NOW
    assert read(scene, message).sign_by is None


def test_the_sorts_speak_for_lines_that_are_not_shown_too(scene: Scene) -> None:
    leader = scene.post("钱若竹", Role.LEADER)
    message = scene.message(leader)
    for _ in range(11):
        scene.rung(message, leader, scene.owed(TODAY - DAY), 2)
    scene.news(message, leader, ItemKind.CLOSED, "已销号")
    found = read(scene, message)
    assert ItemKind.CLOSED not in {line.kind for line in found.lines}
    assert found.sorts == {
        Sort(ItemKind.RUNG, 2, Role.LEADER),
        Sort(ItemKind.CLOSED, None, Role.LEADER),
    }


def test_a_letter_shortened_counts_what_it_no_longer_shows(scene: Scene) -> None:
    message = scene.message(scene.contact)
    for _ in range(5):
        scene.rung(message, scene.contact, scene.owed(TODAY), 0)
    found = read(scene, message)
    assert (len(found.shortened(2).lines), found.shortened(2).rest) == (2, 3)
    assert found.shortened(9) == found


@pytest.mark.parametrize(("announcing", "statements"), [(False, 2), (True, 4)])
def test_however_many_messages_there_are_the_statements_are_as_few(
    scene: Scene, announcing: bool, statements: int
) -> None:
    def message(post: Post) -> int:
        return (told(scene, announcement(scene)) if announcing else scene.digest(post)).id

    ids = [message(scene.post(f"人{n}", Role.CONTACT, scene.school)) for n in range(20)]
    asked: list[str] = []
    connection = scene.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for some in (ids[:1], ids):
        scene.session.flush()
        asked.clear()
        letters(scene.session, some, NOW, CAL)
        assert len(asked) == statements


def test_what_a_person_typed_stays_on_one_line_and_hides_nothing(scene: Scene) -> None:
    assert one_line("云川 市\n第一\x1b[31m中学\u202e！") == "云川 市 第一[31m中学！"
    post = scene.post("李\r\n文静", Role.CONTACT, scene.unit("第一\n中学"))
    message = scene.message(post)
    scene.rung(message, post, scene.owed(TODAY, scene.unit("第\u2028二中学"), what="稿\n件"), 0)
    scene.news(message, post, ItemKind.ASSIGNED, "交办\n\n尽快")
    found = read(scene, message)
    assert found.to == "李 文静"
    assert [line.headline for line in found.lines] == [
        "第 二中学·稿 件（2017年第16周）",
        "交办 尽快",
    ]
    assert found.why == "您收到这条消息，是因为您是第一 中学的联络员。"
