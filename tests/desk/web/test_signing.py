"""The page on which a message is signed for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from desk.web.mishaps import BUSY, NOT_HERE, WRONG
from ledger.announcements import AnnouncedFile
from ledger.launch import launch
from ledger.messages import MessageState
from ledger.plan import read_plan
from ledger.signatures import Signature
from notifications.links import Links
from tests.desk.web.conftest import Web
from tests.ledger.hand import CAL, FRIDAY, moment
from tests.ledger.play import HEAD

BUTTON = '<button type="submit">签收</button>'


def signature(web: Web) -> Signature:
    return web.hand.signature("联一", 1)


def test_opening_it_shows_for_whom_what_and_one_button_and_signs_nothing(web: Web) -> None:
    browser, path = web.browser(), web.path("联一")
    for method in ("GET", "HEAD", "GET"):
        page = browser.request(method, path)
        assert page.status_code == 200
    assert "联一同志" in page.text
    assert "防汛通知" in page.text
    assert "活动办办一，2017年4月14日（星期五）10:00发出" in page.text
    assert "请于<strong>2017年4月18日（星期二）</strong>24:00前签收" in page.text
    assert page.text.count("<button") == page.text.count(BUTTON) == 1
    assert signature(web).signed_at is None


def test_what_was_typed_is_shown_and_never_run(web: Web) -> None:
    page = web.browser().get(web.path("联一")).text
    assert "请今晚值班。\n&lt;b&gt;不要&lt;/b&gt;离岗。" in page
    assert "<script" not in page


def test_the_button_signs_with_who_when_and_from_where(web: Web) -> None:
    browser, path = web.browser(), web.path("联一")
    page = browser.post(path)
    assert page.history[0].status_code == 303
    assert page.status_code == 200
    assert "已签收" in page.text
    assert "2017年4月17日（星期一）10:30" in page.text
    assert BUTTON not in page.text
    assert "晚于期限" not in page.text
    assert page.text.index("已签收") < page.text.index("请今晚值班")  # seen without scrolling
    kept = signature(web)
    assert kept.signed_at == moment("2017-04-17 10:30")
    assert (kept.signed_from or "").startswith("10.0.0.8 ")
    assert "Mobile/1.0" in (kept.signed_from or "")


def test_pressed_twice_it_says_when_it_was_signed(web: Web) -> None:
    browser, path = web.browser(), web.path("联一")
    browser.post(path)
    web.now = "2017-04-18 09:00"
    page = browser.post(path)
    assert "2017年4月17日（星期一）10:30" in page.text
    assert signature(web).signed_at == moment("2017-04-17 10:30")


@pytest.mark.parametrize(("now", "late"), [("2017-04-18 23:59:59", False), ("2017-04-19", True)])
def test_a_late_signature_is_taken_and_said_to_be_late(web: Web, now: str, late: bool) -> None:
    web.now = now
    page = web.browser().post(web.path("联一"))
    assert ("晚于期限" in page.text) is late
    assert signature(web).signed_at == moment(now)


def changed(path: str) -> list[str]:
    token = path.removeprefix("/s/")
    number, _, signed = token.partition(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    alike = last[last.index(token[-1]) + 1]  # the last sign has bits that count for nothing
    return [
        f"{int(number) + 1}.{signed}",
        f"0{token}",
        token[:-1],
        token + "A",
        token[:-1] + alike,
        number,
        f"{number}.",
        "é",
        "%00",
        "x" * 5000,
    ]


def test_a_changed_link_is_not_found_and_tells_nothing(web: Web) -> None:
    browser, path = web.browser(), web.path("联一")
    for token in changed(path):
        for answer in (
            browser.get(f"/s/{token}"),
            browser.post(f"/s/{token}"),
            browser.get(f"/s/{token}/files/1"),
        ):
            assert answer.status_code == 404, token
            assert NOT_HERE in answer.text
            assert "联一" not in answer.text
    assert signature(web).signed_at is None


def test_a_link_of_another_key_or_to_no_message_is_not_found(web: Web) -> None:
    path = web.path("联一")
    assert web.browser().get(path).status_code == 200
    (web.settings.home / "secret-key").write_text("k" * 64)
    assert web.browser().get(path).status_code == 404
    beyond = Links("", "k" * 64).url(999)
    assert web.browser().get(beyond).status_code == web.browser().post(beyond).status_code == 404


def test_every_answer_is_kept_nowhere_and_refers_nowhere(web: Web) -> None:
    browser, path = web.browser(), web.path("联一")
    for answer in (
        browser.get(path),
        browser.post(path),
        browser.get("/"),
        browser.get("/nowhere"),
    ):
        headers = answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-robots-tag"].startswith("noindex")
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "set-cookie" not in headers


def test_the_style_is_there_and_the_page_names_nothing_elsewhere(web: Web) -> None:
    browser = web.browser()
    page = browser.get(web.path("联一")).text
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    assert browser.get(style).status_code == 200
    assert browser.get(style).headers["content-type"].startswith("text/css")
    assert "://" not in page
    assert "style=" not in page  # the policy would not allow it


def test_below_a_path_of_its_own_every_link_has_the_path(web: Web) -> None:
    web.settings = web.settings.model_copy(update={"base_url": "https://ju.example/duban"})
    browser, path = web.browser(follow_redirects=False), web.path("联一")
    page = browser.get(path).text
    assert f'action="/duban{path}"' in page
    assert 'href="/duban/static/duban.css"' in page
    assert browser.post(path).headers["location"] == f"/duban{path}"


def test_recalled_it_says_so_and_cannot_be_signed_for(web: Web) -> None:
    web.hand.recall(1, "2017-04-17 09:00")
    browser, path = web.browser(), web.path("联一", 1)
    for page in (browser.get(path), browser.post(path)):
        assert "这份通知已于2017年4月17日（星期一）09:00撤回：不办了。" in page.text
        assert "以下是撤回前的原文，只供查对：" in page.text
        assert BUTTON not in page.text
    assert signature(web).signed_at is None


def test_corrected_it_leads_to_the_right_text_which_is_signed_for_instead(web: Web) -> None:
    right = web.hand.correct(1, "请明晚值班。", "2017-04-17 09:00").announcement.id
    browser = web.browser()
    page = browser.post(web.path("联一", 1))
    assert "更正：时间写错。" in page.text
    assert BUTTON not in page.text
    (link,) = re.findall(r'<a href="([^"]+)">看更正后的通知</a>', page.text)
    assert link == web.path("联一", right)
    page = browser.get(link)
    assert "更正的原因：时间写错。" in page.text
    assert "请明晚值班。" in page.text
    assert "已签收" in browser.post(link).text
    assert signature(web).signed_at is None


def test_carried_on_to_another_it_says_so_and_signs_for_the_first(web: Web) -> None:
    web.hand.carry_on("联一", 1, "主一")
    page = web.browser().post(web.path("主一", 1))
    assert "本消息原发给联一" in page.text
    assert "主一同志" in page.text
    assert signature(web).signed_at is not None
    assert "<strong>已签收</strong>" in page.text
    shown = web.browser().get(web.path("联一", 1)).text
    assert "<strong>由主一代为签收</strong>" in shown
    assert "已签收" not in shown


def test_what_need_not_be_signed_for_is_only_shown(web: Web) -> None:
    number = web.hand.announce(units=["第二中学"])
    page = web.browser().post(web.path("联二", number))
    assert "请各校今晚值班。" in page.text
    assert "这条消息不需要签收。" in page.text
    assert BUTTON not in page.text


def test_a_launch_shows_the_message_as_it_left(web: Web) -> None:
    text = f"{HEAD}launched: 2017-04-14\nsign: {{launch: true}}\nitems:\n"
    text += "  - {id: r, what: 总结, who: [学校], due: 2017-06-30}\n"
    with web.hand.database.writing() as session:
        plan = read_plan(text, "plan.yaml")
        launch(session, plan, text, "", web.hand.office(session), moment(FRIDAY), CAL)
    with web.hand.database.writing() as session:
        message = web.hand.message(session, "联二")
        message.state = MessageState.SENT
        message.subject, message.body = "【活动启动】读书活动", "读书活动现已启动。"
    page = web.browser().post(web.path("联二"))
    assert "【活动启动】读书活动" in page.text
    assert "读书活动现已启动。" in page.text
    assert "已签收" in page.text


class TestFiles:
    @pytest.fixture
    def sent(self, web: Web) -> Callable[[bytes | None], int]:
        """Keep a file, or lose it, that went along with the notice; its number."""

        def keep(content: bytes | None) -> int:
            sha256 = hashlib.sha256(content or b"").hexdigest()
            with web.hand.database.writing() as session:
                file = AnnouncedFile(name="值班 表.xlsx", sha256=sha256, size=3, announcement_id=1)
                session.add(file)
                session.flush()
                id = file.id
            if content is not None:
                place = web.settings.home / "files" / sha256[:2] / sha256
                place.parent.mkdir(parents=True)
                place.write_bytes(content)
            return id

        return keep

    def test_are_downloaded_under_their_name(
        self, web: Web, sent: Callable[[bytes | None], int]
    ) -> None:
        id = sent(b"<script>")
        browser, path = web.browser(), web.path("联一")
        assert f'href="{path}/files/{id}"' in browser.get(path).text
        answer = browser.get(f"{path}/files/{id}")
        assert (answer.status_code, answer.content) == (200, b"<script>")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["cache-control"] == "no-store"

    def test_that_are_not_of_this_message_or_lost_are_not_found(
        self, web: Web, sent: Callable[[bytes | None], int]
    ) -> None:
        id = sent(None)
        other = web.hand.announce(units=["第二中学"])
        browser = web.browser()
        assert browser.get(f"{web.path('联一')}/files/{id}").status_code == 404
        assert browser.get(f"{web.path('联二', other)}/files/{id}").status_code == 404
        assert browser.get(f"{web.path('联一')}/files/x").status_code in (404, 422)


class TestFromWhere:
    def come(self, web: Web, **headers: str) -> str:
        web.browser().post(web.path("联一"), headers=headers)
        return signature(web).signed_from or ""

    def test_what_a_stranger_says_of_others_is_not_believed(self, web: Web) -> None:
        assert self.come(web, **{"x-forwarded-for": "1.2.3.4"}).startswith("10.0.0.8 ")

    def test_the_trusted_proxy_is_believed(self, web: Web) -> None:
        web.settings = web.settings.model_copy(update={"trusted_proxy": "10.0.0.0/24"})
        assert self.come(web, **{"x-forwarded-for": "1.2.3.4"}).startswith("1.2.3.4 ")

    def test_another_than_the_trusted_proxy_is_not(self, web: Web) -> None:
        web.settings = web.settings.model_copy(update={"trusted_proxy": "10.9.9.9"})
        assert self.come(web, **{"x-forwarded-for": "1.2.3.4"}).startswith("10.0.0.8 ")

    def test_a_long_name_of_a_browser_is_cut(self, web: Web) -> None:
        assert len(self.come(web, **{"user-agent": "x" * 5000})) == 200


class TestMishaps:
    def test_a_busy_ledger_is_one_sentence(self, web: Web) -> None:
        def busy(*_: Any) -> None:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))

        browser, path = web.browser(), web.path("联一")
        event.listen(web.hand.database.engine, "before_cursor_execute", busy)
        answer = browser.post(path)
        event.remove(web.hand.database.engine, "before_cursor_execute", busy)
        assert (answer.status_code, BUSY in answer.text) == (503, True)

    def test_a_fault_of_ours_is_one_sentence_kept_nowhere(
        self, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise RuntimeError("a secret of the house")

        monkeypatch.setattr("desk.web.signing.read_slip", broken)
        answer = web.browser().get(web.path("联一"))
        assert (answer.status_code, WRONG in answer.text) == (500, True)
        assert "secret" not in answer.text
        assert answer.headers["cache-control"] == "no-store"

    def test_no_page_of_the_framework_is_open(self, web: Web) -> None:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert web.browser().get(path).status_code == 404
