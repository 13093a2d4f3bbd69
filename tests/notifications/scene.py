"""A small bureau with messages to send, written straight into the tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ledger.addresses import Address, ChannelKind
from ledger.campaigns import Campaign, CampaignState, Deliverable, PlanVersion, Stage
from ledger.deadlines import Deadline, Fired, LadderRow, LadderRung, RungFire
from ledger.messages import Item, ItemKind, Message, MessageKind, MessageState, Round
from ledger.obligations import Obligation
from ledger.periods import Cycle
from ledger.problems import Problem, ProblemState
from ledger.roles import Role
from ledger.units import Person, Post, Respondent, Unit
from ledger.workdays import WorkCalendar

CAL = WorkCalendar()
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2017, 5, 3, 9, 0, tzinfo=ZONE)
"""A Wednesday, the moment of the daily round."""

TODAY = NOW.date()
RUNGS = (("提醒", -3), ("催办", 1), ("督办", 3), ("提请领导小组", 7))

PLAN = """\
name: 读书活动全名
slug: du-shu
short: 读书
document:
  title: 关于开展读书活动的通知
  number: 云教〔2017〕3号
  issuer: 云川市教育局
  issued: 2017-04-14
  file: attachments/通知原文.txt
parents:
  - {title: 关于读书的意见, number: 云发〔2017〕9号}
addressees:
  各单位: {classes: [局属学校]}
stages:
  - {id: first, name: 宣传发动, until: 2017-04-30}
items:
  - {id: report, what: 总结, who: [各单位], due: 2017-06-30}
"""


class Scene:
    """Writes rows; every method returns the row, flushed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._serial = count(1)
        self.campaign = self.add(
            Campaign(
                slug="du-shu",
                name="读书活动全名",
                short="读书",
                state=CampaignState.RUNNING,
                launched_at=NOW - timedelta(days=20),
            )
        )
        self.ladder = self.add(LadderRow(digest="d", name="rectification"))
        for rung, (name, offset) in enumerate(RUNGS):
            every = 5 if rung == 3 else None
            self.add(
                LadderRung(
                    ladder_id=self.ladder.id, rung=rung, offset=offset, every=every, name=name
                )
            )
        self.round = self.add(Round(day=TODAY, at=NOW, sealed_at=NOW))
        self.school = self.unit("云川市第一中学")
        self.contact = self.post("李文静", Role.CONTACT, self.school)

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def unit(self, name: str) -> Unit:
        unit: Unit = self.add(Unit(name=name, unit_class="局属学校"))
        self.add(Respondent(unit_id=unit.id, name=name))
        return unit

    def post(self, name: str, role: Role, unit: Unit | None = None, **more: Any) -> Post:
        email = f"p{next(self._serial)}@yunchuan.example"
        person = self.add(Person(name=name))
        self.address(person.id, email)
        post: Post = self.add(
            Post(person_id=person.id, role=role, unit_id=unit.id if unit else None, **more)
        )
        return post

    def address(
        self, person_id: int, value: str, channel: ChannelKind = ChannelKind.EMAIL, **more: Any
    ) -> Address:
        """One more address of a person, after those there are."""
        position = self.session.query(Address).filter_by(person_id=person_id).count() + 1
        values = {"person_id": person_id, "channel": channel, "value": value, **more}
        row: Address = self.add(Address(**({"position": position} | values)))
        return row

    def respondent(self, unit: Unit) -> Respondent:
        return self.session.query(Respondent).filter_by(unit_id=unit.id).one()

    def deliverable(self, what: str = "每周稿件") -> Deliverable:
        row: Deliverable = self.add(
            Deliverable(
                campaign_id=self.campaign.id,
                key=f"d{next(self._serial)}",
                what=what,
                receiver="局活动办",
                cycle=Cycle.WEEKLY,
                ladder_id=self.ladder.id,
            )
        )
        return row

    def owed(
        self,
        due: date,
        unit: Unit | None = None,
        respondent: Respondent | None = None,
        what: str = "每周稿件",
        period: str = "2017-W16",
    ) -> Deadline:
        """An obligation with its clock running."""
        owing = respondent or self.respondent(unit or self.school)
        obligation = self.add(
            Obligation(
                deliverable_id=self.deliverable(what).id,
                respondent_id=owing.id,
                respondent_class="局属学校",
                period=period,
                opened_at=NOW - timedelta(days=20),
                scheduled_due=due,
                due=due,
            )
        )
        return self._deadline(owing, due, obligation_id=obligation.id)

    def problem(self, due: date, unit: Unit | None = None) -> Deadline:
        """A problem assigned, with its clock running."""
        where = unit or self.school
        problem = self.add(
            Problem(
                campaign_id=self.campaign.id,
                number=next(self._serial),
                title="食堂台账不全",
                unit_id=where.id,
                state=ProblemState.ASSIGNED,
                due=due,
                registered_at=NOW,
            )
        )
        return self._deadline(self.respondent(where), due, problem_id=problem.id)

    def _deadline(self, owing: Respondent, due: date, **about: int) -> Deadline:
        row: Deadline = self.add(
            Deadline(
                campaign_id=self.campaign.id,
                respondent_id=owing.id,
                ladder_id=self.ladder.id,
                due=due,
                opened_on=due - timedelta(days=20),
                armed_on=due - timedelta(days=20),
                **about,
            )
        )
        return row

    def message(self, post: Post, kind: MessageKind = MessageKind.DIGEST, **more: Any) -> Message:
        """A message that is ready and due to leave."""
        values: dict[str, Any] = {
            "key": f"{kind.value}:{next(self._serial)}",
            "person_id": post.person_id,
            "campaign_id": self.campaign.id,
            "round_id": self.round.id if kind is MessageKind.DIGEST else None,
            "state": MessageState.READY,
            "created_at": NOW,
            "leaves_at": NOW,
        }
        row: Message = self.add(Message(kind=kind, **(values | more)))
        return row

    def rung(
        self, message: Message, post: Post, deadline: Deadline, rung: int, **more: Any
    ) -> Item:
        """A line about a rung; `repeat` and `why` may be given."""
        repeat = more.pop("repeat", 0)
        fire = self.add(
            RungFire(
                deadline_id=deadline.id,
                epoch=deadline.epoch,
                rung=rung,
                repeat=repeat,
                from_rung=rung,
                fired=Fired.SENT,
                due=deadline.due,
                planned_on=TODAY,
                decided_at=NOW,
            )
        )
        return self._about(message, post, deadline, ItemKind.RUNG, rung_fire_id=fire.id, **more)

    def weekly(self, message: Message, post: Post, deadline: Deadline) -> Item:
        """A line of the weekly list."""
        return self._about(message, post, deadline, ItemKind.WEEKLY)

    def news(self, message: Message, post: Post, kind: ItemKind, why: str, **more: Any) -> Item:
        """A line of news."""
        row: Item = self.add(
            Item(
                key=f"item:{next(self._serial)}",
                message_id=message.id,
                post_id=post.id,
                kind=kind,
                at=NOW,
                why=why,
                **({"person_id": post.person_id, "campaign_id": self.campaign.id} | more),
            )
        )
        return row

    def _about(
        self, message: Message, post: Post, deadline: Deadline, kind: ItemKind, **more: Any
    ) -> Item:
        about = {
            "deadline_id": deadline.id,
            "obligation_id": deadline.obligation_id,
            "problem_id": deadline.problem_id,
            "epoch": deadline.epoch,
            "due": deadline.due,
        }
        return self.news(message, post, kind, more.pop("why", ""), **(about | more))

    def digest(self, post: Post | None = None, due: date = date(2017, 4, 30)) -> Message:
        """A ready digest with one overdue line."""
        to = post or self.contact
        message = self.message(to)
        self.rung(message, to, self.owed(due), 1)
        return message

    def launch(self, folder: str = "", post: Post | None = None) -> Message:
        """A launch message with its plan and stages."""
        to = post or self.contact
        self.add(
            PlanVersion(
                campaign_id=self.campaign.id, number=1, text=PLAN, folder=folder, written_at=NOW
            )
        )
        outer = self._stage("first", "宣传发动", None, date(2017, 4, 30), None)
        self._stage("inner", "动员部署", date(2017, 4, 1), date(2027, 4, 10), outer.id)
        message = self.message(to, MessageKind.LAUNCH)
        self.news(message, to, ItemKind.ACT, "请按方案组织实施。")
        return message

    def _stage(
        self, key: str, name: str, first: date | None, last: date | None, parent: int | None
    ) -> Stage:
        row: Stage = self.add(
            Stage(
                campaign_id=self.campaign.id,
                key=key,
                name=name,
                parent_id=parent,
                position=next(self._serial),
                starts_on=first,
                due=last,
            )
        )
        return row
