"""Messages and reminders over real HTTP: a desk's submission, the gateway, its reports, and the pages of the office."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uuid6

from drivers.simulate.signed_service import signed
from drivers.simulate.text_gateway import TextGatewayServer, post_signed
from hub.audit.chain import Actor, Who
from hub.office.queue import call_next
from hub.office.staff_steps import accept
from hub.people.slots import open_slots, slots
from hub.store import schema
from hub.texts.sending import Tried, due, note
from kiosk.clock import CHINA, WallClock
from kiosk.wire import routes
from kiosk.wire.events import Fate
from kiosk.wire.requests import TakeNumber
from kiosk.wire.texts import CONSENT, TextsWanted
from tests.hub.office_world import NUMBER, Citizen, World

PHONE = "+8613800000011"
DEADLINE = 60
"""Generous: other tests run beside this one."""
Running = Any


def eventually(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + DEADLINE
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def gateway(running: Running) -> Iterator[TextGatewayServer]:
    with TextGatewayServer() as server:
        (running.data.keys / "texts.secret").write_bytes(server.secret)
        text = (
            f'url = "{server.url}"\nclient = "hall"\nsecret_file = "keys/texts.secret"\nsign = "渭南政务大厅"\n'
            "quiet_from = 0\nquiet_to = 0\n"  # also at night, when tests run
        )
        (running.data.path / "texts.toml").write_text(text, encoding="utf-8")
        yield server


@pytest.fixture(scope="module")
def world(running: Running, gateway: TextGatewayServer) -> World:
    del gateway  # it is there before anything is sent
    return World(running)


def wanted(desk: Any, phone: str = PHONE) -> bytes:
    made = TextsWanted(phone=phone, consent=CONSENT, agreed=WallClock().now())
    sealed: bytes = desk.seal(made)
    return sealed


def test_from_the_desk_to_the_telephone_and_back(running: Running, world: World, gateway: TextGatewayServer) -> None:
    desk = running.terminal("desk", "t-one")
    number = Citizen(desk).hand_in(texts_sealed=wanted(desk)).number
    clerk = world.clerk("t-one", "w01")
    assert clerk.step(world.record(number), "accept").status_code == 303
    sent = eventually(lambda: next((each for each in gateway.sent.values() if number in each.text), None))
    assert sent.to == PHONE
    assert sent.text.startswith(f"【渭南政务大厅】办件{number}已受理")
    page = clerk.page(number)
    assert "138****0011" in page
    assert PHONE[3:] not in page
    url = f"{running.at.terminals}{routes.OFFICE_TEXTS}"
    body = json.dumps({"reports": [{"key": sent.key, "state": "failed", "why": "off"}]}).encode()
    now = int(WallClock().now().timestamp())
    client = running.client(*_certificate(desk))

    def tell(body: bytes, signature: str) -> int:
        headers = {"X-Kiosk-Signature": signature, "Content-Type": "application/json"}
        answer: httpx.Response = client.post(url, content=body, headers=headers)
        return answer.status_code

    assert tell(body, signed(b"another secret of 16", now, body)) == 401
    assert tell(body, "") == 401
    assert tell(body, signed(gateway.secret, now - 3600, body)) == 401
    assert tell(body, signed(gateway.secret, now, body)) == 200
    assert "对方关机" in clerk.page(number)
    for bad in (b"{}", b"[", b'{"reports": [{"key": "x", "state": "sent"}]}', b"\xff", b"[" * 5000):
        assert tell(bad, signed(gateway.secret, now, bad)) == 422
    body = json.dumps(
        {"reports": [{"key": sent.key, "state": state, "why": ""} for state in ("delivered", "failed", "delivered")]}
    ).encode()
    assert tell(body, signed(gateway.secret, now, body)) == 200
    assert "已送达" in clerk.page(number)
    (state,) = running.rows("SELECT state FROM text_message WHERE key = ?", sent.key)
    assert state == ("delivered",)
    unknown = json.dumps({"reports": [{"key": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "state": "failed"}]}).encode()
    assert tell(unknown, signed(gateway.secret, now, unknown)) == 200


def _certificate(desk: Any) -> tuple[Any, Any]:
    return desk.folder / "certificate.pem", desk.folder / "key.pem"


def test_what_is_no_number_is_refused_with_its_event(running: Running, world: World) -> None:
    del world
    desk = running.terminal("desk", "t-bad")
    for phone in ("13800000011", "+86", "+8613800000011; DROP", "<b>"):
        sealed = desk.seal({"phone": phone, "consent": 1, "agreed": WallClock().now()})
        (answer,) = desk.send(desk.submission(texts_sealed=sealed))
        assert answer.fate is Fate.REFUSED
        assert "13800000011" not in answer.detail
    good = desk.submission(texts_sealed=wanted(desk))
    assert [each.fate for each in desk.send(good)] == [Fate.STORED]
    assert [each.fate for each in desk.send(good)] == [Fate.KNOWN]


def test_given_and_taken_back_at_a_window(running: Running, world: World, gateway: TextGatewayServer) -> None:
    desk = running.terminal("desk", "t-two")
    submission = Citizen(desk).hand_in()
    number = submission.number
    clerk = world.clerk("t-two", "w01")
    form = f"{clerk.root}/s/{number}/texts"
    assert "本人没有留号码" in clerk.page(number)
    for phone, words in (
        ("", "还没有填号码"),
        ("02987654321", "固定电话"),
        ("1380000001", "手机号码不对"),
        ("<script>alert(1)</script>", "只能有数字"),
        ("=1+1", "只能有数字"),
    ):
        answer = clerk.http.post(form, data={"phone": phone, "consent": "yes"})
        assert answer.status_code == 422
        assert words in answer.text
        assert "<script>alert" not in answer.text
    answer = clerk.http.post(form, data={"phone": "0085251230011"})
    assert answer.status_code == 422
    assert "要本人同意" in answer.text
    assert 'value="0085251230011"' in answer.text  # what was typed is kept
    answer = clerk.http.post(form, data={"phone": "00852 5123 0011", "consent": "yes", "texts_language": "en"})
    assert answer.status_code == 303
    assert "+852 ****0011" in clerk.page(number)
    clerk.step(world.record(number), "accept")
    sent = eventually(lambda: next((each for each in gateway.sent.values() if number in each.text), None))
    assert sent.to == "+85251230011"
    assert "is accepted" in sent.text
    assert clerk.http.post(form, data={"do": "take_back"}).status_code == 303
    page = clerk.page(number)
    assert "号码已删除" in page
    assert "51230011" not in page
    # A desk that never got the answer sends the event again: it is known, though its number is gone.
    kept = running.rows("SELECT locked FROM text_contact WHERE subject = ?", number)
    assert kept == [("",)]


def test_a_desks_event_sent_again_after_the_number_was_taken_back(running: Running, world: World) -> None:
    desk = running.terminal("desk", "t-again")
    event = desk.submission(texts_sealed=wanted(desk))
    desk.send(event)
    clerk = world.clerk("t-again", "w01")
    clerk.http.post(f"{clerk.root}/s/{event.number}/texts", data={"do": "take_back"})
    assert [each.fate for each in desk.send(event)] == [Fate.KNOWN]
    changed = type(event)(**{**{key: getattr(event, key) for key in event.__struct_fields__}, "name_masked": "李*"})
    assert [each.fate for each in desk.send(changed)] == [Fate.REFUSED]


def test_the_pages_are_for_supervisors(running: Running, world: World) -> None:
    window, chief = world.clerk("t-one", "w01"), world.clerk("t-one", "s01")
    for path in ("/texts", "/overdue"):
        assert chief.http.get(chief.root + path).status_code == 200
    assert window.http.get(window.root + "/texts").status_code == 403
    assert window.http.get(window.root + "/overdue").status_code == 200
    assert window.http.post(window.root + "/overdue/1").status_code == 403
    assert 'href="/office/t-one/texts"' not in window.http.get(window.root).text
    assert 'href="/office/t-one/texts"' in chief.http.get(chief.root).text
    admin = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
    running.clients.append(admin)
    running.sign_in(admin, Actor.ADMINISTRATOR)
    assert admin.get("/office/t-one/overdue").status_code == 200
    assert admin.post("/office/t-one/overdue/1").status_code == 403


def test_the_page_of_messages_masks_numbers(running: Running, world: World, gateway: TextGatewayServer) -> None:
    del gateway
    desk = running.terminal("desk", "t-page")
    number = Citizen(desk).hand_in(texts_sealed=wanted(desk)).number
    world.clerk("t-page", "w01").step(world.record(number), "accept")
    chief = world.clerk("t-page", "s01")
    page = eventually(lambda: shown if "已发出" in (shown := _page(chief)) else "")
    assert "138****0011" in page
    assert "13800000011" not in page
    assert f"办件{number}已受理" in page
    assert f"办件{number}已受理" not in chief.http.get(f"{chief.root}/texts", params={"state": "dead"}).text
    for language in ("zh-Hant", "en"):
        other = chief.http.get(f"{chief.root}/texts", params={"lang": language})
        assert other.status_code == 200
    assert re.search(r"<dd>[0-9]+</dd>", page)


def _page(chief: Any) -> str:
    text: str = chief.http.get(f"{chief.root}/texts").text
    return text


def test_what_was_given_up_is_sent_again_from_the_page(
    running: Running, world: World, gateway: TextGatewayServer
) -> None:
    desk = running.terminal("desk", "t-dead")
    numbers = [Citizen(desk).hand_in(texts_sealed=wanted(desk)).number for _ in range(3)]

    def give_up(connection: Any) -> None:
        for number in numbers:
            version = world.record(number).version
            accept(connection, number, version, Who(Actor.WINDOW, "t-dead", "w01"), WallClock().now())
        for each in due(connection, running.hub.now()):  # as the sender notes what failed for a day
            if each.hall == "t-dead":
                old = replace(each, first_try=running.hub.now() - timedelta(days=2))
                note(connection, old, Tried("HTTP 503"), None, running.hub.now())

    world.write(give_up)
    chief, clerk = world.clerk("t-dead", "s01"), world.clerk("t-dead", "w01")
    page = _page(chief)
    assert "短信通道出错（HTTP 503）" in page
    assert page.count("再发一次</button>") == 3
    assert "13800000011" not in page
    form = f"{chief.root}/texts/again"
    assert clerk.http.post(form, data={"why": "HTTP 503"}).status_code == 403
    other = world.clerk("t-one", "s01")
    one = str(running.rows("SELECT number FROM text_message WHERE subject = ?", numbers[0])[0][0])
    assert other.http.post(form, data={"message": one}).status_code == 403
    stolen = other.http.post(f"{other.root}/texts/again", data={"message": one})
    assert stolen.headers["location"].endswith("again=0"), "another hall's message"
    for sent, words in (("1", "1 条已排队再发"), ("0", "没有要再发的")):
        done = chief.http.post(form, data={"message": one})
        assert done.headers["location"] == f"{chief.root}/texts?again={sent}"
        assert words in chief.http.get(done.headers["location"]).text
    done = chief.http.post(form, data={"why": "HTTP 503"})
    assert done.headers["location"].endswith("again=2")
    eventually(lambda: sum(any(number in each.text for number in numbers) for each in gateway.sent.values()) == 3)
    for bad in ({}, {"message": "-1"}, {"message": "9" * 30}, {"why": "<b>" * 90}):
        assert chief.http.post(form, data=bad).headers["location"].endswith("again=0")
    assert "短信再发" in chief.page(numbers[0])


def test_a_person_takes_all_numbers_back_at_the_page_of_personal_data(
    running: Running, world: World, gateway: TextGatewayServer
) -> None:
    del gateway
    desk = running.terminal("desk", "t-back")
    citizen = Citizen(desk)
    numbers = [citizen.hand_in(texts_sealed=wanted(desk)).number for _ in range(2)]
    chief, clerk = world.clerk("t-back", "s01"), world.clerk("t-back", "w01")
    form = {"number": NUMBER, "ground": "2026-7", "sure": "on"}
    assert clerk.http.post("/privacy/texts", data=form).status_code == 403
    assert chief.http.post("/privacy/texts", data={**form, "sure": ""}).status_code == 422
    for words in ("已删除 2 个", "已删除 0 个"):
        answer = chief.http.post("/privacy/texts", data=form)
        assert words in answer.text
        assert "13800000011" not in answer.text
    assert "号码已删除" in chief.page(numbers[0])
    assert "王小明" in chief.page(numbers[1]), "nothing else of theirs is gone"


def test_what_is_overdue_is_listed_and_seen(running: Running, world: World) -> None:
    desk = running.terminal("desk", "t-late")
    number = Citizen(desk).hand_in().number
    yesterday = WallClock().now().date().replace(year=2026, month=1, day=5)
    table = schema.handling
    clerk = world.clerk("t-late", "w01")
    clerk.step(world.record(number), "accept")
    world.write(lambda c: c.execute(table.update().where(table.c.number == number).values(due=yesterday)))
    chief = world.clerk("t-late", "s01")
    look = f"{chief.root}/overdue"
    from hub.office.escalation import look as escalate

    world.write(lambda c: escalate(c, WallClock().now()))
    page = chief.http.get(look).text
    assert "逾期未办结" in page
    assert number in page.replace(" ", "")
    (alarm,) = running.rows("SELECT number FROM office_alarm WHERE subject = ?", number)
    assert chief.http.post(f"{look}/{alarm[0]}").status_code == 303
    assert chief.http.post(f"{look}/999999").status_code == 404
    assert "s01" in chief.http.get(look).text
    other = world.clerk("t-one", "s01")
    assert other.http.post(f"{other.root}/overdue/{alarm[0]}").status_code == 404
    admin = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
    running.clients.append(admin)
    running.sign_in(admin, Actor.SUPERVISOR, Actor.ADMINISTRATOR, name="李主管")
    assert 'href="/office/t-late/overdue"' in admin.get("/figures").text
    assert "step_" not in clerk.page(number)


def test_the_reference_gateway_refuses_what_is_not_signed(gateway: TextGatewayServer) -> None:
    before = gateway.refused
    assert post_signed(f"{gateway.url}/messages", b"{}", "") == 401
    assert gateway.refused == before + 1


def test_a_number_for_a_window_and_whose_turn_is_soon(
    running: Running, world: World, gateway: TextGatewayServer
) -> None:
    desk = running.terminal("desk", "t-queue")
    citizen = Citizen(desk)
    first = citizen.done(TakeNumber())
    wish, request_id = TakeNumber(texts_sealed=wanted(desk)), uuid6.uuid7()
    second = citizen.done(wish, request_id)
    again = citizen.done(TakeNumber(texts_sealed=wanted(desk)), request_id)  # sealed anew, and the same wish
    assert again == second
    waiting = [citizen.done(TakeNumber(texts_sealed=wanted(desk, "+8613800000022"))) for _ in range(4)]
    now = WallClock().now()
    world.write(lambda c: call_next(c, "t-queue", "", "1", now))
    sent = eventually(lambda: next((each for each in gateway.sent.values() if second.text in each.text), None))
    assert sent.to == PHONE
    assert "前面还有0位" in sent.text
    assert first.text not in {each.text for each in gateway.sent.values()}
    world.write(lambda c: call_next(c, "t-queue", "", "1", now))
    soon = [each.text for each in waiting[:3]]
    eventually(lambda: sum(each.to == "+8613800000022" for each in gateway.sent.values()) >= 3)
    told = [each.text for each in gateway.sent.values() if each.to == "+8613800000022"]
    assert sorted(text[text.index("】") + 1 :][:4] for text in told) == sorted(soon)
    refused = citizen.ask(TakeNumber(texts_sealed=desk.seal({"phone": "13800000011", "consent": 1, "agreed": now})))
    assert refused.status_code == 422
    assert "13800000011" not in refused.text


def test_an_appointment_that_the_hall_moves(running: Running, world: World, gateway: TextGatewayServer) -> None:
    running.terminal("desk", "t-book")
    day = (WallClock().now() + timedelta(days=2)).astimezone(CHINA).date()
    world.write(lambda c: open_slots(c, "t-book", "", [day], range(9, 12), 5))
    entry = world.clerk("t-book", "g01")  # entry staff book at the help desk
    begins = [f"{slot.begins.isoformat()}|" for slot in world.read(lambda c: slots(c, "t-book", day))]
    form = {"day": day.isoformat(), "slot": begins[0], "companions": "0", "name": "王小明", "phone": "13800000033"}
    page = "/gate/t-book/appointments"
    missing = entry.http.post(page, data=form)
    assert missing.status_code == 422
    assert "要本人同意" in missing.text
    assert "13800000033" not in missing.text
    fixed = entry.http.post(page, data={**form, "phone": "02987654321", "consent": "yes"})
    assert "固定电话" in fixed.text
    booked = entry.http.post(page, data={**form, "consent": "yes"})
    assert booked.status_code == 303
    one = booked.headers["location"]
    code = one.rpartition("/")[2]

    def told(words: str) -> Any:
        return eventually(
            lambda: next((each for each in gateway.sent.values() if code in each.text and words in each.text), None)
        )

    assert told("已预约").to == "+8613800000033"

    def seen() -> str:
        return re.findall(r'name="seen" value="([0-9]+)"', entry.http.get(one).text)[0]

    moved = entry.http.post(f"{one}/move", data={"seen": seen(), "slot": begins[1], "companions": "0"})
    assert moved.status_code == 303
    assert f"{day.month}月{day.day}日10:00" in told("改到").text
    entry.http.post(f"{one}/withdraw", data={"seen": seen(), "how": "revoke"})
    assert "请重新预约" in told("取消").text
