from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement

from ledger.campaigns import Campaign, CampaignState
from ledger.correspondence import batches, count_messages, last_messages, message_rows
from ledger.message_filters import about_campaign, between, to_person, to_unit
from ledger.messages import ItemKind, Message, MessageKind, MessageState
from ledger.roles import Role
from ledger.units import Post
from tests import store
from tests.notifications.scene import CAL, NOW, TODAY, ZONE, Scene

DAY = timedelta(days=1)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


def found(scene: Scene, *where: ColumnElement[bool]) -> list[int]:
    """The ids, the same by every way of asking."""
    scene.session.flush()
    ids = last_messages(scene.session, where, 1000)
    assert count_messages(scene.session, where) == len(ids)
    assert [id for some in batches(scene.session, where, 2) for id in some] == ids
    return ids


def sent(scene: Scene, post: Post, at: datetime = NOW, **more: Any) -> Message:
    values = {"state": MessageState.SENT, "leaves_at": at, "sent_at": at}
    return scene.message(post, MessageKind.STAGE, **(values | more))


def test_newest_last_and_no_more_than_asked(scene: Scene) -> None:
    late, early, middle = (sent(scene, scene.contact, NOW + n * DAY).id for n in (2, 0, 1))
    assert found(scene) == [early, middle, late]
    assert last_messages(scene.session, (), 2) == [middle, late]


def test_the_days_are_those_here_and_both_are_included(scene: Scene) -> None:
    first, last = date(2017, 5, 3), date(2017, 5, 4)
    moments = [
        datetime(2017, 5, 2, 23, 59, 59, tzinfo=ZONE),
        datetime(2017, 5, 3, 0, 0, tzinfo=ZONE),
        datetime(2017, 5, 4, 23, 59, 59, tzinfo=ZONE),
        datetime(2017, 5, 5, 0, 0, tzinfo=ZONE),
    ]
    ids = [sent(scene, scene.contact, at).id for at in moments]
    assert found(scene, between(first, last, CAL)) == ids[1:3]
    assert found(scene, between(first, None, CAL)) == ids[1:]
    assert found(scene, between(None, last, CAL)) == ids[:3]
    assert found(scene, between(None, None, CAL)) == ids


def test_the_day_is_that_of_leaving_else_that_of_the_plan(scene: Scene) -> None:
    put_off = sent(scene, scene.contact, NOW, sent_at=NOW + DAY)
    waiting = scene.message(scene.contact, leaves_at=NOW)
    assert found(scene, between(TODAY, TODAY, CAL)) == [waiting.id]
    assert found(scene, between(TODAY + DAY, TODAY + DAY, CAL)) == [put_off.id]


def test_a_unit_has_what_went_to_whoever_held_a_post_there_then(scene: Scene) -> None:
    old = scene.post("旧联络员", Role.CONTACT, scene.school, valid_until=TODAY)
    new = scene.post("新联络员", Role.CONTACT, scene.school, valid_from=TODAY + DAY)
    stranger = scene.post("外校", Role.CONTACT, scene.unit("云川市第二中学"))
    midnight = CAL.end_of(TODAY)
    theirs = [
        sent(scene, old, midnight - timedelta(seconds=1)).id,
        sent(scene, new, midnight).id,
    ]
    for post, at in ((old, midnight), (new, midnight - DAY), (stranger, NOW)):
        sent(scene, post, at)
    assert found(scene, to_unit(scene.session, scene.school, CAL)) == theirs


def test_a_unit_has_what_was_carried_on_from_one_of_its_people(scene: Scene) -> None:
    office = scene.post("褚南星", Role.OFFICE, scene.unit("局活动办"))
    failed = sent(scene, scene.contact, state=MessageState.FAILED, sent_at=None)
    once = sent(scene, office, NOW + DAY, origin_id=failed.id)
    twice = sent(scene, office, NOW + 2 * DAY, origin_id=once.id)
    sent(scene, office)
    ids = [failed.id, once.id, twice.id]
    assert found(scene, to_unit(scene.session, scene.school, CAL)) == ids
    rows = message_rows(scene.session, ids)
    assert [(row.to, row.carried_from, row.carried_to) for row in rows] == [
        ("李文静", None, "褚南星"),
        ("褚南星", "李文静", "褚南星"),
        ("褚南星", "褚南星", None),
    ]


def test_a_unit_has_what_a_deputy_heard_in_the_place_of_its_people(scene: Scene) -> None:
    deputy = scene.post("邻校", Role.CONTACT, scene.unit("云川市第二中学"))
    scene.contact.deputy_id = deputy.person_id
    instead, own = sent(scene, deputy), sent(scene, deputy)
    about = {"person_id": deputy.person_id}
    scene.news(instead, scene.contact, ItemKind.ACT, "启动", **about)
    scene.news(own, deputy, ItemKind.ACT, "启动")
    assert found(scene, to_unit(scene.session, scene.school, CAL)) == [instead.id]


def test_a_unit_without_posts_was_told_nothing(scene: Scene) -> None:
    sent(scene, scene.contact)
    assert found(scene, to_unit(scene.session, scene.unit("云川市第三中学"), CAL)) == []


@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.CLOSED])
def test_a_campaign_has_its_own_messages_and_those_with_a_line_of_it(
    scene: Scene, state: CampaignState
) -> None:
    other = scene.add(Campaign(slug="b", name="乙", short="乙", state=state, launched_at=NOW - DAY))
    own = sent(scene, scene.contact, campaign_id=other.id)
    mixed = sent(scene, scene.contact, campaign_id=None)
    for campaign in (scene.campaign, other, other):
        scene.news(mixed, scene.contact, ItemKind.ACT, "…", campaign_id=campaign.id)
    theirs = sent(scene, scene.contact)
    waiting = scene.news(theirs, scene.contact, ItemKind.ACT, "…", campaign_id=other.id)
    waiting.message_id = None
    for few in (False, True):
        assert found(scene, about_campaign(other, among_few=few)) == [own.id, mixed.id]
    assert found(scene, about_campaign(scene.campaign)) == [mixed.id, theirs.id]


def test_conditions_are_met_together(scene: Scene) -> None:
    mine, others = sent(scene, scene.contact), sent(scene, scene.contact, NOW + DAY)
    head = scene.post("王建国", Role.HEAD, scene.school)
    sent(scene, head)
    of_unit = to_unit(scene.session, scene.school, CAL)
    person, day = to_person(scene.contact.person), between(TODAY, TODAY, CAL)
    assert found(scene, of_unit, person, day) == [mine.id]
    assert found(scene, person) == [mine.id, others.id]
