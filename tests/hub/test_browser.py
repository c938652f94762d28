"""The console in real Chromium: rows appear by themselves, also in a tab that is hidden."""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.events import Crossed
from kiosk.wire.fleet import DeviceHealth, Health
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.chromium import browser, complaints, looked_at, opened

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HIDE = """() => {
    Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def page(browser: Browser, running: Any) -> Iterator[Page]:
    context = opened(browser, running, running.sign_in(None, "supervisor", "technician"), width=1920, height=1080)
    page = context.new_page()
    problems = complaints(page, told_by_status=True)
    yield page
    context.close()
    assert problems == []


def keep(page: Page, name: str) -> None:
    looked_at(page, name, (1920, 390), whole=False)


def png(width: int, height: int) -> bytes:
    """A screen's picture: one blue field."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\0" + bytes((20, 65, 123)) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")
    )


def health(terminal: Any, role: str, **changes: Any) -> bytes:
    given: dict[str, Any] = {
        "terminal": terminal.enrolled.terminal,
        "role": role,
        "version": "0.1.0",
        "made": WallClock().now(),
        "in_service": True,
        "view": "Welcome",
        "rules_version": 1,
        "outbox_waiting": 0,
        "outbox_dead": 0,
        "devices": (
            DeviceHealth(name="id_reader", driver="sam_v", state="ready"),
            DeviceHealth(name="camera", driver="uvc", state="ready"),
            DeviceHealth(name="thermometer", driver="gy614", state="absent", code="not_present", errors=4),
        ),
    }
    return msgspec.json.encode(Health(**{**given, **changes}))


def passages(terminal: Any) -> list[Any]:
    def decided(verdict: Verdict, *reasons: Reason) -> Any:
        return terminal.passage(decision=Decision(verdict=verdict, reasons=reasons, rules_version=1))

    return [
        decided(Verdict.ADMIT, Reason.ALL_IN_ORDER),
        decided(Verdict.REFUSE, Reason.CODE_EXPIRED),
        decided(Verdict.REFER, Reason.FACE_UNSURE, Reason.TEMPERATURE_UNSURE),
        decided(Verdict.ADMIT, Reason.ALL_IN_ORDER),
    ]


def test_a_passage_appears_and_changes_by_itself(page: Page, terminal: Any) -> None:
    page.goto("/passages?lang=en")
    expect(page.locator("#rows tr", has_text="丙*三")).to_have_count(0)
    passage = terminal.passage(name_masked="丙*三")
    terminal.send(passage)
    row = page.locator("#rows tr", has_text="丙*三")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Not ended yet")
    terminal.send(terminal.ended(passage, Crossed.TURNED_BACK))
    expect(row).to_contain_text("Turned back")
    expect(page.locator("#rows tr").first).to_contain_text("丙*三")
    terminal.send(*passages(terminal))
    expect(page.locator("#rows tr").first).to_contain_text("All in order")
    keep(page, "passages")


def test_a_hidden_tab_misses_nothing(page: Page, terminal: Any) -> None:
    page.goto("/passages?lang=en")
    seen = terminal.passage(name_masked="先*到")
    terminal.send(seen)
    expect(page.locator("#rows tr", has_text="先*到")).to_have_count(1)
    page.evaluate(HIDE)
    for number in range(5):
        terminal.send(terminal.passage(name_masked=f"隐*{number}"))
    expect(page.locator("#rows tr", has_text="隐*")).to_have_count(5)


def test_the_list_stays_short(page: Page, terminal: Any) -> None:
    page.goto("/passages")
    terminal.send(*(terminal.passage() for _ in range(100)))
    terminal.send(*(terminal.passage() for _ in range(110)))
    terminal.send(terminal.passage(name_masked="末*位"))
    expect(page.locator("#rows tr").first).to_contain_text("末*位")
    assert page.locator("#rows tr").count() <= 200


def test_submissions_and_their_receipts(page: Page, running: Any) -> None:
    desk = running.terminal("desk")
    page.goto("/submissions?lang=zh-Hans")
    submission = desk.submission()
    desk.send(submission)
    row = page.locator("#rows tr", has_text="社会保障卡补领")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("已提交")
    desk.send(desk.receipt(submission))
    expect(row).to_contain_text("回执已打印")
    desk.send(desk.submission())
    keep(page, "submissions")
    row.first.locator("a").click()
    expect(page.locator("h1")).to_contain_text("社会保障卡补领")
    keep(page, "submission")


def test_the_overview_shows_health_and_screen(page: Page, running: Any) -> None:
    page.goto("/?lang=zh-Hans")
    gate, desk = running.terminal("gate"), running.terminal("desk")
    gate.http.post(routes.HEALTH, content=health(gate, "gate"))
    desk.http.post(routes.HEALTH, content=health(desk, "desk", in_service=False, outbox_dead=1, outbox_waiting=12))
    gate.http.put(routes.SCREEN, content=png(108, 192))
    card = page.locator(f"#t-weinan-{gate.enrolled.terminal}")
    expect(card).to_contain_text("服务中")
    expect(card).to_contain_text("体温计")
    expect(page.locator(f"#t-weinan-{desk.enrolled.terminal}")).to_contain_text("暂停服务")
    expect(card.locator("img")).to_have_js_property("naturalWidth", 108)
    gate.send(*passages(gate))
    gate.http.post(routes.HEALTH, content=health(gate, "gate", view="Decided"))
    expect(card).to_contain_text("Decided")
    keep(page, "overview")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()


def test_a_passage_in_detail(page: Page, terminal: Any) -> None:
    passage = terminal.passage()
    terminal.send(passage, terminal.ended(passage))
    page.goto(f"/passages/weinan/{terminal.enrolled.terminal}/{passage.id}?lang=zh-Hans")
    expect(page.locator("body")).to_contain_text("36.4 °C")
    expect(page.locator("body")).to_contain_text("已加密保存")
    keep(page, "passage")


def test_silence_is_said(page: Page, running: Any) -> None:
    page.clock.install()
    page.goto("/passages?lang=en")
    expect(page.locator("#stale")).to_be_hidden()
    page.route("**/stream/**", lambda route: route.abort())
    page.evaluate("document.querySelector('[data-live]').remove()")  # no stream: as when the hub is gone
    page.clock.run_for(45_000)
    expect(page.locator("#stale")).to_be_visible()
