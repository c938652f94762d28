"""A draft that goes on at a window, over real HTTP: opened by its code only, changed, and handed in."""

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uuid6
from sqlalchemy import update

from hub.office import drafts
from hub.store import schema
from kiosk.clock import WallClock
from kiosk.wire.digest import person_digest
from kiosk.wire.events import DraftHandedOver, Fate, Person
from kiosk.wire.window import (
    DraftPage,
    DraftPaper,
    HandedDraft,
    NotADraft,
    code_of,
    grouped,
    name_of,
    new_secret,
    opened,
    sealed,
    secret_of,
)
from tests.hub.office_world import NUMBER, Clerk, World
from tests.hub.test_phone_papers import pdf, photo

ITEM = "housing-fund-withdrawal"
ANSWERS = {
    "purpose": "rent", "amount": "12000", "since": "2025-03-01", "until": "2027-02-28",
    "bank_account": "6222020000000000000", "phone": "13800138000",
}  # fmt: skip


@pytest.fixture
def world(running: Any) -> World:
    made = World(running)
    running.terminal("desk")
    made.staff("weinan")
    return made


@pytest.fixture
def clerk(world: World) -> Iterator[Clerk]:
    return world.clerk("weinan", "w01")


def handed(world: World, *, papers: bool = True, days: float = 7, **changes: Any) -> str:
    """What a desk sends; the code of it."""
    desk, now = world.running.terminal("desk"), WallClock().now()
    page = DraftPage(front=photo(), back=b"")
    contract = DraftPaper(kind="contract", captured=now, device="camera", grade="C", pages=(page,))
    draft = HandedDraft(
        item=ITEM,
        item_version=1,
        began=now,
        person=Person(name="王小明", number=NUMBER, document="resident"),
        answers={**ANSWERS, **changes},
        papers=(contract,) if papers else (),
        deferred=("household",),
    )
    secret = new_secret()
    body = sealed(draft, secret)
    assert desk.upload(body) == hashlib.sha256(body).hexdigest()
    event = DraftHandedOver(
        id=uuid6.uuid7(), draft=name_of(secret), item=ITEM, made=now, expires=now + timedelta(days=days),
        sha256=hashlib.sha256(body).hexdigest(), bytes=len(body),
    )  # fmt: skip
    (answer,) = desk.send(event)
    assert answer.fate is Fate.STORED, answer
    return code_of(secret)


def form(**fields: Any) -> dict[str, Any]:
    """A form with files, even where there is none."""
    return {"files": [("nothing", (None, b""))], "data": fields}


def show(clerk: Clerk, code: str) -> httpx.Response:
    return clerk.http.post(f"{clerk.root}/window", **form(code=code))


def hand_in(clerk: Clerk, code: str, files: Any = None, **fields: str) -> httpx.Response:
    data = {"code": code, "do": "hand_in", **fields}
    return clerk.http.post(f"{clerk.root}/window/hand-in", data=data, files=files or [("nothing", (None, b""))])


def number_in(answer: httpx.Response) -> str:
    found = re.search(r"/s/(\d{14})", answer.text)
    assert found is not None, answer.text
    return found[1]


def test_opened_changed_and_handed_in_for_the_person(clerk: Clerk, world: World) -> None:
    code = handed(world)
    shown = show(clerk, code.lower().replace("kw1:", ""))  # typed by hand
    assert shown.status_code == 200
    assert "王小明" in shown.text
    assert 'value="12000"' in shown.text
    assert "data:image/jpeg;base64," in shown.text
    assert "这份草稿以前打开过" not in shown.text
    assert "以前打开过" in show(clerk, code).text  # a second opening is said
    answer = hand_in(clerk, code, **{"a:amount": "9000", "seen": "yes"})
    assert answer.status_code == 200, answer.text
    number = number_in(answer)
    record = world.record(number)
    assert (record.item, record.person) == (ITEM, person_digest(NUMBER, world.running.hub.data.hall_key("weinan")))
    page = clerk.page(number)
    assert "9000" in page
    rows = world.running.rows("SELECT kind, grade FROM paper WHERE sha256 IN (SELECT sha256 FROM paper)")
    assert ("contract", "B") in rows
    assert "已经提交过" in show(clerk, code).text
    assert hand_in(clerk, code).status_code == 409
    what = [row[0] for row in world.running.rows("SELECT what FROM audit WHERE subject = ?", number)]
    assert "hand_in_draft" in what


def test_what_is_missing_or_wrong_is_told_and_nothing_typed_is_lost(clerk: Clerk, world: World) -> None:
    code = handed(world, papers=False, phone="")
    answer = hand_in(clerk, code, **{"a:amount": "777"})
    assert answer.status_code == 409
    assert "还没有填对" in answer.text
    assert 'value="777"' in answer.text
    answer = hand_in(clerk, code, **{"a:phone": "13800138000"})
    assert "还缺材料" in html.unescape(answer.text)
    bad = hand_in(clerk, code, [("file:contract", ("x.html", b"<html>"))], **{"a:phone": "13800138000"})
    assert "只收照片和 PDF" in bad.text
    good = hand_in(clerk, code, [("file:contract", ("x.pdf", pdf(2)))], **{"a:phone": "13800138000"})
    assert good.status_code == 200
    assert world.record(number_in(good)).deferred_due is not None  # the secondary paper follows


def test_wrong_codes_other_codes_and_none(clerk: Clerk, world: World) -> None:
    handed(world)
    for wrong in ("", "KW1:AAAA", "?" * 32, "A" * 31):
        answer = show(clerk, wrong)
        assert answer.status_code == 409
        assert "打不开" in answer.text
    assert "没有这份草稿" in show(clerk, code_of(new_secret())).text  # not here, or not yet


def test_what_is_over_is_destroyed(clerk: Clerk, world: World) -> None:
    code = handed(world)
    secret = secret_of(code)
    table = schema.window_draft
    past = world.running.hub.now() - timedelta(seconds=1)
    mine = table.c.id == str(name_of(secret))
    world.write(lambda c: c.execute(update(table).where(mine).values(expires=past)))
    assert "过期" in show(clerk, code).text
    assert hand_in(clerk, code).status_code == 409
    files = world.write(lambda c: drafts.sweep(c, world.running.hub.now()))
    world.running.hub.papers.forget(files)
    (row,) = world.running.rows("SELECT sha256, gone FROM window_draft WHERE id = ?", str(name_of(secret)))
    assert row[1] is not None
    assert world.running.hub.papers.size(row[0]) is None


def test_only_staff_of_the_hall_and_only_the_office(running: Any, world: World) -> None:
    code = handed(world)
    stranger = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
    answer = stranger.post("/office/weinan/window", **form(code=code))
    stranger.close()
    assert answer.status_code in (303, 401, 403)
    assert "王小明" not in answer.text


def test_the_key_is_nowhere_at_the_hub(clerk: Clerk, world: World) -> None:
    code = handed(world)
    show(clerk, code)
    number_in(hand_in(clerk, code))
    secret = bytes(secret_of(code))
    letters = code.removeprefix("KW1:").encode()
    for file in world.running.data.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert letters not in content, file
            assert secret not in content, file


def test_codes_are_read_as_people_write_them() -> None:
    secret = new_secret()
    code = code_of(secret)
    for written in (code, grouped(code), grouped(code).lower(), code.replace("O", "0").replace("I", "1")):
        assert secret_of(written) == secret
    draft = HandedDraft(
        item=ITEM, item_version=1, began=WallClock().now(), person=Person(name="王", number=NUMBER, document="x"),
        answers={},
    )  # fmt: skip
    body = sealed(draft, secret)
    assert opened(body, secret) == draft
    for other, damaged in ((new_secret(), body), (secret, body[:-1]), (secret, b"")):
        with pytest.raises(NotADraft):
            opened(damaged, other)


def test_the_person_may_leave_a_number_for_messages(clerk: Clerk, world: World) -> None:
    code = handed(world)
    for phone, words in (("0298765432", "固定电话"), ("13800000011", "要本人同意")):
        answer = hand_in(clerk, code, phone=phone)
        assert answer.status_code == 409
        assert words in answer.text
    number = number_in(hand_in(clerk, code, phone="138 0000 0011", consent="yes"))
    page = clerk.page(number)
    assert "138****0011" in page
    assert "13800000011" not in page
