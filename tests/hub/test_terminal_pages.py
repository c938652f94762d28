"""The terminals' pages: alarms first, orders with a fate, groups, certificates, codes, bundles; in three languages."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hub.console.pages import state_of
from hub.console.terminal_view import Row
from hub.console.words import WORDS, Language
from hub.fleet import alarms, bundles
from hub.fleet.alarms import AlarmKind, Watch
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.seen import Seen
from hub.fleet.terminal_record import desired, record_of
from hub.rules.publish import RULES
from hub.rules.stages import set_group
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.fleet import DeviceHealth, EnrolmentTicket, Health, ScreenUse
from kiosk.wire.orders import OrderFate, OrderKind, Orders, OrderSettled
from provisioning.enrol import enrol

Running = Any
HALL = "weinan"
BUNDLE = gzip.compress(b"a bundle")


@pytest.fixture
def browser(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "technician", hall=HALL, staff_id="t1")
        yield client


def health(terminal: Any, **changes: Any) -> Health:
    given: dict[str, Any] = {
        "terminal": terminal.enrolled.terminal,
        "role": "gate",
        "version": "0.9.1",
        "made": WallClock().now(),
        "in_service": True,
        "view": "gate.Welcome",
        "rules_version": 1,
        "outbox_waiting": 3,
        "outbox_dead": 0,
        "devices": (
            DeviceHealth(
                name="printer", driver="printer/escpos-usb", state="ready", supplies={"paper": "near_end"}, good=12
            ),
            DeviceHealth(name="camera", driver="camera/uvc", state="fault", code="no_answer", errors=4),
        ),
        "screens": (ScreenUse(view="gate.Welcome", shown=8, left=2, seconds=80),),
    }
    return Health(**{**given, **changes})


def tell(terminal: Any, **changes: Any) -> None:
    answer = terminal.http.post(routes.HEALTH, content=msgspec.json.encode(health(terminal, **changes)))
    assert answer.status_code == 200


def page_of(terminal: Any) -> str:
    return f"/terminals/{HALL}/{terminal.enrolled.terminal}"


def words_of(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def fetched(terminal: Any) -> Orders:
    return msgspec.json.decode(terminal.http.get(routes.ORDERS).content, type=Orders)


def settle(terminal: Any, number: int, fate: OrderFate, detail: str = "") -> None:
    body = msgspec.json.encode(OrderSettled(fate=fate, detail=detail))
    assert terminal.http.put(f"{routes.ORDERS}/{number}", content=body).status_code == 204


def test_a_terminal_with_all_that_is_known_of_it(running: Running, browser: httpx.Client) -> None:
    terminal = running.terminal()
    never = words_of(browser.get(page_of(terminal), params={"lang": "en"}).text)
    assert "Not heard since" in never
    assert "No device was reported yet" in never
    terminal.send(terminal.passage())
    tell(terminal)
    shown = words_of(browser.get(page_of(terminal), params={"lang": "en"}).text)
    for said in ("Receipt printer", "Paper nearly used up", "No answer", "Waiting for somebody", "12 good"):
        assert said in shown, said
    assert "There is no alarm now" in shown
    assert "10 s" in shown  # on average before the screen
    listed = words_of(browser.get("/terminals", params={"lang": "en"}).text)
    assert terminal.enrolled.terminal in listed
    assert browser.get(f"/terminals/{HALL}/nobody").status_code == 404
    assert browser.get(f"/terminals/{HALL}/nobody/live").status_code == 404


@pytest.mark.parametrize("language", list(Language))
def test_in_every_language_nothing_is_left_without_words(
    running: Running, browser: httpx.Client, language: Language
) -> None:
    terminal = running.terminal()
    tell(terminal, outbox_dead=1, in_service=False)
    key = TerminalKey(HALL, terminal.enrolled.terminal)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        for kind in AlarmKind:
            alarms._raise(connection, key, kind, "", "1", running.hub.now())
    for kind in OrderKind:
        text = {"kind": kind.value, "text": "今天 16:30 停止取号"}
        assert browser.post(f"{page_of(terminal)}/orders", data=text).status_code == 303
    for number, fate in zip(
        [order.number for order in fetched(terminal).orders],
        (OrderFate.DONE, OrderFate.FAILED, OrderFate.REFUSED),
        strict=False,
    ):
        settle(terminal, number, fate)
    for path in (page_of(terminal), "/terminals"):
        answer = browser.get(path, params={"lang": language.value})
        assert answer.status_code == 200
        left = re.findall(
            r"\b(?:alarm|order|fate|fleet|do|certificate|group|enrol)_[a-z_0-9]+\b", words_of(answer.text)
        )
        assert left == []
    assert all(f"alarm_{kind.value}" in WORDS and f"do_{kind.value}" in WORDS for kind in AlarmKind)
    assert all(f"order_{kind.value}" in WORDS for kind in OrderKind)
    assert all(f"fate_{fate.value}" in WORDS for fate in OrderFate)


def test_an_order_from_the_page_to_its_fate(running: Running, browser: httpx.Client) -> None:
    terminal = running.terminal()
    where = page_of(terminal)
    given = browser.post(f"{where}/orders", data={"kind": "lock", "text": "  设备检修  ", "hours": "8"})
    assert (given.status_code, given.headers["location"]) == (303, f"{where}?done=order_given")
    assert "指令已下达" in browser.get(given.headers["location"]).text
    assert "等待领取" in browser.get(where).text
    (order,) = fetched(terminal).orders
    assert (order.kind, order.text) == (OrderKind.LOCK, "设备检修")
    shown = browser.get(where).text
    assert "已领取" in shown
    settle(terminal, order.number, OrderFate.FAILED, "no room")
    shown = browser.get(where).text
    assert "未成功" in shown
    assert "no room" in shown
    assert browser.post(f"{where}/orders/{order.number}/withdraw").status_code == 409
    assert browser.post(f"{where}/orders/999999/withdraw").status_code == 404
    browser.post(f"{where}/orders", data={"kind": "reload"})
    text = browser.get(where).text
    number = re.findall(r"/orders/(\d+)/withdraw", text)[0]
    assert browser.post(f"{where}/orders/{number}/withdraw").status_code == 303
    assert fetched(terminal).orders == ()
    told = running.rows("SELECT what, who FROM audit WHERE subject = ? ORDER BY position", f"{HALL}/{order_of(where)}")
    assert told == [("order", "t1"), ("order", "t1"), ("order_withdrawn", "t1")]


def order_of(where: str) -> str:
    return where.rpartition("/")[2]


def test_orders_that_cannot_be_given_say_why_and_keep_what_was_typed(running: Running, browser: httpx.Client) -> None:
    terminal = running.terminal()
    where = page_of(terminal)
    for data, says in (
        ({"kind": "message", "text": " "}, "请填写要显示的文字"),
        ({"kind": "message", "text": "长" * 61}, "文字最多 60 个字"),
        ({"kind": "explode"}, "请选择指令"),
        ({}, "请选择指令"),
    ):
        answer = browser.post(f"{where}/orders", data=data)
        assert answer.status_code == 422
        assert says in answer.text
    assert "长" * 61 in browser.post(f"{where}/orders", data={"kind": "message", "text": "长" * 61}).text
    running.sign_in(browser, "supervisor", hall=HALL, staff_id="s1")
    refused = browser.post(f"{where}/orders", data={"kind": "restart"})
    assert refused.status_code == 422
    assert "只能由技术员或系统管理员下达" in refused.text
    assert 'value="restart"' not in browser.get(where).text
    assert browser.post(f"{where}/orders", data={"kind": "message", "text": "停电检修"}).status_code == 303
    running.sign_in(browser, "auditor", hall=HALL, staff_id="a1")
    shown = browser.get(where)
    assert shown.status_code == 200
    assert '<form method="post" action="/terminals' not in shown.text
    assert browser.post(f"{where}/orders", data={"kind": "message", "text": "x"}).status_code == 403


def test_an_order_for_a_group_and_for_a_hall(running: Running, browser: httpx.Client) -> None:
    running.sign_in(browser, "technician", hall="hall-o", staff_id="t1")
    one, two, three = (running.terminal(hall="hall-o") for _ in range(3))
    for each in (one, two):
        answer = browser.post(f"/terminals/hall-o/{each.enrolled.terminal}/group", data={"group": "east"})
        assert answer.status_code == 303
    bad = browser.post(f"/terminals/hall-o/{one.enrolled.terminal}/group", data={"group": "东边"})
    assert bad.status_code == 422
    assert "分组名用小写字母" in bad.text
    assert browser.post("/terminals/hall-o/nobody/group", data={"group": "east"}).status_code == 404
    given = browser.post("/terminals/hall-o/orders", data={"kind": "reload", "group": "east"}, follow_redirects=True)
    assert "已向 2 台终端下达" in given.text
    assert [len(fetched(each).orders) for each in (one, two, three)] == [1, 1, 0]
    given = browser.post("/terminals/hall-o/orders", data={"kind": "reload", "group": ""}, follow_redirects=True)
    assert "已向 3 台终端下达" in given.text
    nobody = browser.post("/terminals/hall-o/orders", data={"kind": "reload", "group": "west"})
    assert nobody.status_code == 422
    assert "没有符合条件的终端" in nobody.text
    assert browser.post(f"/terminals/{HALL}/orders", data={"kind": "reload"}).status_code == 403
    # Who joins a group later gets what the group has: an edition that was rolled out to it.
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        set_group(connection, "hall-o", three.enrolled.terminal, "east")
        assert desired(connection, TerminalKey("hall-o", three.enrolled.terminal)).version(RULES) == 1
    assert "east" in browser.get("/terminals?group=east").text


def test_alarms_are_seen_to_and_silenced_on_the_page(running: Running, browser: httpx.Client) -> None:
    terminal = running.terminal()
    key = TerminalKey(HALL, terminal.enrolled.terminal)
    tell(terminal, outbox_dead=2)
    now = running.hub.now()
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        heard = running.hub.fleet.heard[key]
        told = {key: Seen(heard.health, heard.at, heard.health.made - heard.at)}
        alarms.keep(connection, Watch().look(connection, told, {}, now), now)
        (alarm,) = [each for each in alarms.of_terminal(connection, key) if each.kind is AlarmKind.DEAD_LETTER]
    listed = browser.get("/terminals?trouble=1&lang=en").text
    assert "Data refused" in listed
    assert "kiosk-provision outbox list --dead" in listed
    for act in ("acknowledge", "silence"):
        answer = browser.post(f"/terminals/{HALL}/alarms/{alarm.number}/{act}", data={"back": "list"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/terminals")
    shown = words_of(browser.get(page_of(terminal)).text)
    assert "t1 sees to it" in shown
    assert "Silent until" in shown
    answer = browser.post(f"/terminals/{HALL}/alarms/{alarm.number}/loud")
    assert answer.headers["location"] == page_of(terminal)
    assert "Silent until" not in words_of(browser.get(page_of(terminal)).text)
    assert browser.post(f"/terminals/{HALL}/alarms/{alarm.number}/explode").status_code == 404
    assert browser.post(f"/terminals/{HALL}/alarms/99999/silence").status_code == 404
    running.sign_in(browser, "technician", hall="hall-q", staff_id="t1")
    assert browser.post(f"/terminals/hall-q/alarms/{alarm.number}/silence").status_code == 404  # another hall's


def test_revoked_and_enrolled_again_with_the_code_of_the_page(
    running: Running, browser: httpx.Client, tmp_path: Path
) -> None:
    terminal = running.terminal()
    where = page_of(terminal)
    assert terminal.http.get(routes.TIME).status_code == 200
    done = browser.post(f"{where}/revoke", follow_redirects=True)
    assert "证书已吊销" in done.text
    refused = terminal.http.get(routes.TIME)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:kiosk:problem:certificate-replaced")
    assert "没有可吊销的证书" in browser.post(f"{where}/revoke").text
    shown = browser.get(where).text
    assert "没有有效证书" in shown
    assert "kiosk-provision enrol --again" in shown
    made = browser.post(f"{where}/code")
    assert "<svg" in made.text
    ticket = re.search(r"--ticket &#39;(.+?)&#39;|--ticket '(.+?)'", made.text)
    assert ticket is not None
    text = (ticket[1] or ticket[2]).replace("&#34;", '"').replace("&quot;", '"')
    again = enrol(msgspec.json.decode(text, type=EnrolmentTicket), tmp_path / "again", WallClock(), lambda _: None)
    assert again.terminal == terminal.enrolled.terminal
    back = running.client(tmp_path / "again" / "certificate.pem", tmp_path / "again" / "key.pem")
    assert back.get(routes.TIME).status_code == 200
    for path in ("revoke", "code"):
        assert browser.post(f"/terminals/{HALL}/nobody/{path}").status_code == 404


def test_a_bundle_is_asked_for_sent_and_downloaded_by_technicians_only(running: Running, browser: httpx.Client) -> None:
    terminal, other = running.terminal(), running.terminal()
    where = page_of(terminal)
    browser.post(f"{where}/orders", data={"kind": "bundle"})
    (order,) = fetched(terminal).orders
    to = f"{routes.ORDERS}/{order.number}/bundle"
    assert other.http.put(to, content=BUNDLE).status_code == 404
    assert terminal.http.put(to, content=b"no bundle").status_code == 415
    assert terminal.http.put(to, content=b"\x1f\x8b" + b"x" * routes.MAX_BUNDLE_BYTES).status_code == 413
    for _ in range(2):  # the answer was lost: it is sent again
        assert terminal.http.put(to, content=BUNDLE).status_code == 204
    settle(terminal, order.number, OrderFate.DONE)
    assert "下载诊断包" in browser.get(where).text
    got = browser.get(f"{where}/bundles/{order.number}.tar.gz")
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, BUNDLE, "application/gzip")
    assert browser.get(f"{where}/bundles/999.tar.gz").status_code == 404
    assert running.rows("SELECT who FROM audit WHERE what = 'bundle'") == [("t1",)]
    for role in ("supervisor", "auditor"):
        running.sign_in(browser, role, hall=HALL, staff_id=f"x-{role}")
        assert browser.get(f"{where}/bundles/{order.number}.tar.gz").status_code == 403
        assert "下载诊断包" not in browser.get(where).text
    file = bundles.file_of(running.data.bundles, TerminalKey(HALL, terminal.enrolled.terminal), order.number)
    assert bundles.forget_old(running.data.bundles, running.hub.now()) == 0
    assert bundles.forget_old(running.data.bundles, running.hub.now() + bundles.KEPT * 2) == 1
    assert not file.exists()


def test_what_is_desired_is_kept_apart_from_what_is_reported(running: Running, browser: httpx.Client) -> None:
    terminal = running.terminal()
    where, key = page_of(terminal), TerminalKey(HALL, terminal.enrolled.terminal)
    tell(terminal)
    browser.post(f"{where}/orders", data={"kind": "lock"})

    def locked() -> bool:
        with running.hub.engine.connect() as connection:
            found = record_of(connection, key)
            assert found is not None
            return found.desired.locked

    assert locked()
    assert "不一致" in browser.get(where).text  # asked for, and not yet so
    (order,) = fetched(terminal).orders
    settle(terminal, order.number, OrderFate.DONE)
    tell(terminal, in_service=False, paused=True, view="common.OutOfService")
    shown = browser.get(where).text
    assert "不一致" not in shown
    assert "已锁定" in shown
    browser.post(f"{where}/orders", data={"kind": "unlock"})
    assert not locked()
    (order,) = fetched(terminal).orders
    settle(terminal, order.number, OrderFate.REFUSED)
    assert locked()  # it said no: it is to be locked as before


def test_how_a_terminal_stands(running: Running) -> None:
    terminal = running.terminal()
    now = running.hub.now()
    heard = Heard(health(terminal, paused=True), now)
    assert state_of(heard, now) == "paused"
    assert state_of(Heard(health(terminal, paused=True, in_service=False), now), now) == "locked"
    assert Row(TerminalKey(HALL, "x"), "gate", "", "never", None, (), None).offset is None
