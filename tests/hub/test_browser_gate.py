"""The gate's pages in real Chromium: an alarm is seen and heard, also in a hidden tab and after a cut connection."""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import uuid6
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hub.fleet.enrolment import ensure_hall
from hub.fleet.live import TerminalKey
from hub.gate import cases
from hub.gate.occupancy import Report, report
from hub.people.slots import open_slots
from hub.people.staff import put_member
from kiosk.clock import WallClock, local_date
from kiosk.wire import routes
from kiosk.wire.events import LaneAlarm, LaneTrouble, StaffAct, StaffAction
from kiosk.wire.fleet import DeviceHealth, Health
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.chromium import browser, complaints, looked_at, opened

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HALL = "weinan"
ROOT = f"/gate/{HALL}"
PIN = "384756"
SOON = 60_000
HIDE = """() => {
    Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});
    Object.defineProperty(document, 'visibilityState', {get: () => 'hidden', configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
LISTEN = """
    // What goes to the loudspeaker goes through a meter too.
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (to === this.context.destination) {
            const meter = this.context.createAnalyser();
            meter.fftSize = 32768;
            connect.call(this, meter);
            self.meter = meter;
        }
        return connect.call(this, to, ...rest);
    };
    self.loudness = () => {
        if (!self.meter) return 0;
        const samples = new Float32Array(self.meter.fftSize);
        self.meter.getFloatTimeDomainData(samples);
        return Math.max(...samples.map(Math.abs));
    };
"""


class Cable:
    """A wire between browser and hub that can be cut."""

    def __init__(self, to: str) -> None:
        parts = urlsplit(to)
        self.hub = (parts.hostname or "localhost", parts.port or 80)
        self.plugged = threading.Event()
        self.plugged.set()
        self.ends: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if not self.plugged.is_set():
                    near.close()
                    continue
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError), near, socket.create_connection(self.hub) as far:
            self.ends += [near, far]
            while self.plugged.is_set():
                ready, _, _ = select.select([near, far], [], [], 0.2)
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    (far if end is near else near).sendall(data)

    def cut(self) -> None:
        self.plugged.clear()
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def mend(self) -> None:
        self.plugged.set()


@pytest.fixture(scope="module")
def staffed(running: Any) -> Any:
    return with_staff(running)


def with_staff(running: Any) -> Any:
    """The hall has staff at its lanes and hours to book."""
    now = running.hub.now()
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        ensure_hall(connection, HALL, now)
        for staff_id, name in (("w01", "王芳"), ("w02", "李强")):
            put_member(connection, hall=HALL, staff_id=staff_id, name=name, pin=PIN, now=now)
        today = local_date(now)
        open_slots(connection, HALL, "", [today, today + timedelta(days=1)], range(9, 24), 40)
    return running


def signed_in(browser: Browser, staffed: Any, at: str = "") -> BrowserContext:
    """The supervisor's browser."""
    token = staffed.sign_in(None, "supervisor", hall=HALL, staff_id="w01")
    return opened(browser, staffed, token, width=1400, at=at)


@pytest.fixture
def context(browser: Browser, staffed: Any) -> Iterator[BrowserContext]:
    context = signed_in(browser, staffed)
    context.add_init_script(LISTEN)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, staffed: Any) -> Iterator[Page]:
    page = context.new_page()
    problems = complaints(page)
    yield page
    settle(staffed)
    assert problems == []


def settle(running: Any) -> None:
    """Answer all alarms, so that the next test begins in quiet."""
    now = running.hub.now()
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        for case in cases.alarms(connection):
            cases.acknowledge(connection, case.number, who="w02", now=now)
        connection.exec_driver_sql("UPDATE lane_alarm SET acknowledged = at, acknowledged_by = 'w02'")


def keep(page: Page, name: str) -> None:
    looked_at(page, f"gate-{name}", (1400, 390))


def until(page: Page, expression: str) -> None:
    """Wait for an expression to hold; Playwright's own way would need `unsafe-eval` in the page."""
    for _ in range(SOON // 100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never: {expression}")


def alarm(lane: Any, name: str, *reasons: Reason) -> Any:
    decision = Decision(verdict=Verdict.REFER, reasons=reasons or (Reason.TEMPERATURE_HIGH,), rules_version=1)
    evidence = lane.passage().evidence
    warm = msgspec.structs.replace(evidence.temperature, object_c=37.8)
    passage = lane.passage(
        name_masked=name, decision=decision, evidence=msgspec.structs.replace(evidence, temperature=warm)
    )
    lane.send(passage)
    return passage


def sign_in(page: Page, then: str = ROOT) -> None:
    page.goto(f"{then}?lang=zh-Hans")
    expect(page.locator(".top")).to_contain_text("王芳")
    page.mouse.click(5, 400)  # a browser lets nothing sound before somebody has touched the page


def health(lane: Any, **changes: Any) -> None:
    given: dict[str, Any] = {
        "terminal": lane.enrolled.terminal,
        "role": "gate",
        "version": "0.1.0",
        "made": WallClock().now(),
        "in_service": True,
        "view": "gate.Welcome",
        "rules_version": 1,
        "outbox_waiting": 0,
        "outbox_dead": 0,
        "list_made": WallClock().now() - timedelta(minutes=2),
        "devices": (
            DeviceHealth(name="id_reader", driver="sam_v", state="ready"),
            DeviceHealth(name="thermometer", driver="gy614", state="ready"),
        ),
    }
    lane.http.post(routes.HEALTH, content=msgspec.json.encode(Health(**{**given, **changes})))


def test_an_alarm_is_seen_heard_and_handled_to_its_end(page: Page, terminal: Any) -> None:
    sign_in(page)
    bar = page.locator("#alarms")
    expect(bar).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("data-alarm-sound", "ready")
    alarm(terminal, "发*热")
    row = bar.locator(".alarm-row", has_text="发*热")
    expect(row).to_be_visible(timeout=SOON)
    expect(row).to_contain_text("隔离警报")
    expect(page.locator("#alarms-spoken")).to_contain_text(f"隔离警报: {terminal.enrolled.terminal}")
    assert page.locator("#alarms-spoken").get_attribute("aria-live") == "assertive"
    until(page, "document.title.startsWith('⚠')")
    expect(page.locator("html")).to_have_attribute("data-alarm-sound", "ringing")
    until(page, "self.loudness() > 0.1")
    keep(page, "alarm")
    row.get_by_role("button", name="知道了").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("发*热")
    expect(bar).to_be_hidden(timeout=SOON)
    expect(page.locator("html")).to_have_attribute("data-alarm-sound", "ready")
    page.get_by_role("button", name="我来处理").click()
    expect(page.get_by_role("button", name="解除，可进入")).to_be_disabled()
    page.get_by_label("现在有没有发热").fill("没有，刚骑车来")
    page.get_by_role("button", name="记录回答").click()
    expect(page.locator("#steps")).to_contain_text("刚骑车来")
    page.get_by_label("复测体温").fill("36.6")
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".told")).to_contain_text("36.6 °C")
    keep(page, "case")
    page.get_by_label("说明").fill("运动后体温，复测正常")
    page.get_by_role("button", name="解除，可进入").click()
    expect(page.locator("h1")).to_contain_text("解除，可进入")
    expect(page.locator("#steps")).to_contain_text("运动后体温")
    assert page.get_by_role("button", name="我来处理").count() == 0
    keep(page, "case-closed")


def test_a_hidden_tab_misses_no_alarm(page: Page, context: BrowserContext, terminal: Any) -> None:
    page.goto("/?lang=zh-Hans")  # any page of the console
    page.locator("body").click(position={"x": 5, "y": 400})
    page.evaluate(HIDE)
    before = context.new_page()  # really in front of it
    before.goto("about:blank")
    before.bring_to_front()
    for name in ("藏*甲", "藏*乙", "藏*丙"):
        alarm(terminal, name)
        until(page, f"document.getElementById('alarms').textContent.includes('{name}')")
    until(page, "document.title.includes('(3)')")
    until(page, "self.loudness() > 0.1")


@pytest.mark.parametrize("shared", [True, False], ids=["worker", "page alone"])
def test_what_came_while_the_connection_was_away_is_shown(
    browser: Browser, staffed: Any, terminal: Any, shared: bool
) -> None:
    cable = Cable(staffed.at.console)
    context = signed_in(browser, staffed, cable.address)
    if not shared:
        context.add_init_script("delete self.SharedWorker;")
    page = context.new_page()
    page.goto("/passages?lang=zh-Hans")
    first = alarm(terminal, "先*来")
    expect(page.locator("#alarms")).to_contain_text("先*来", timeout=SOON)
    cable.cut()
    expect(page.locator("#alarms-lost")).to_be_visible(timeout=SOON)
    alarm(terminal, "断*线")
    alarm(terminal, "已*处")
    now = staffed.hub.now()
    with staffed.hub.engine.execution_options(writes=True).begin() as connection:
        number = {each.name_masked: each.number for each in cases.alarms(connection)}
        cases.acknowledge(connection, number["已*处"], who="w02", now=now)
    cable.mend()
    expect(page.locator("#alarms")).to_contain_text("断*线", timeout=SOON)
    expect(page.locator("#alarms-lost")).to_be_hidden(timeout=SOON)
    expect(page.locator("#alarms")).to_contain_text("先*来")
    expect(page.locator("#alarms")).not_to_contain_text("已*处")
    expect(page.locator("#alarms-missed")).to_contain_text("已*处")
    assert str(first.id)
    settle(staffed)
    expect(page.locator("#alarms")).to_be_hidden(timeout=SOON)
    context.close()
    cable.cut()
    cable.listener.close()


def test_many_tabs_share_one_connection(context: BrowserContext, page: Page, terminal: Any) -> None:
    tabs = [page, *(context.new_page() for _ in range(5))]
    for tab in tabs:
        tab.goto(f"{ROOT}/rules?lang=zh-Hans", wait_until="domcontentloaded")
    alarm(terminal, "多*页")
    for tab in tabs:
        expect(tab.locator("#alarms")).to_contain_text("多*页", timeout=SOON)


def test_a_sound_needs_one_gesture_and_says_so(browser: Browser, staffed: Any, terminal: Any) -> None:
    context = signed_in(browser, staffed)
    page = context.new_page()
    page.goto("/?lang=en")
    button = page.get_by_role("button", name="Turn the alarm sound on")
    expect(button).to_be_visible()
    button.click()
    expect(button).to_be_hidden()
    alarm(terminal, "Z*1")
    expect(page.locator("html")).to_have_attribute("data-alarm-sound", "ringing", timeout=SOON)
    settle(staffed)
    expect(page.locator("html")).to_have_attribute("data-alarm-sound", "ready", timeout=SOON)
    context.close()


def test_a_colleague_goes_on_with_the_case(page: Page, staffed: Any, terminal: Any) -> None:
    alarm(terminal, "同*办", Reason.FACE_UNSURE)
    sign_in(page, f"{ROOT}/cases")
    page.get_by_role("link", name="同*办").click()
    page.get_by_label("备注").fill("在大厅东侧等候")
    number = int(page.url.rsplit("/", 1)[1])
    with staffed.hub.engine.execution_options(writes=True).begin() as connection:
        cases.act(connection, number, 1, cases.Move.TAKE, who="w02", now=staffed.hub.now())
    expect(page.locator("#moved")).to_contain_text("同事刚刚处理过", timeout=SOON)
    expect(page.locator("#steps")).to_contain_text("李强")
    expect(page.get_by_label("备注")).to_have_value("在大厅东侧等候")
    page.get_by_role("button", name="添加备注").click()
    expect(page.locator(".problem")).to_contain_text("同事在您之前处理了")
    expect(page.get_by_label("备注")).to_have_value("在大厅东侧等候")
    keep(page, "conflict")
    page.get_by_role("button", name="添加备注").click()
    expect(page.locator("#steps")).to_contain_text("在大厅东侧等候")


def test_the_lanes_change_by_themselves(page: Page, staffed: Any, terminal: Any) -> None:
    name = terminal.enrolled.terminal
    now = staffed.hub.now()
    with staffed.hub.engine.execution_options(writes=True).begin() as connection:
        for hours, entered, left in ((5, 20, 2), (4, 61, 20), (3, 95, 48), (2, 120, 90), (1, 150, 121)):
            at = now - timedelta(hours=hours)
            if local_date(at) == local_date(now):
                counters = Health(
                    terminal=name,
                    role="gate",
                    version="1",
                    made=at,
                    in_service=True,
                    view="gate.Welcome",
                    rules_version=1,
                    outbox_waiting=0,
                    outbox_dead=0,
                    entered=entered,
                    left=left,
                )
                report(connection, [Report(TerminalKey(HALL, name), counters, at)])
    page.goto(f"{ROOT}?lang=zh-Hans")
    card = page.locator(f"#lane-{name}")
    expect(card).to_contain_text("启动以来未联系")
    health(terminal, entered=163, left=122)
    expect(card).to_contain_text("服务中", timeout=SOON)
    terminal.send(terminal.passage(name_masked="闸*前"))
    expect(card).to_contain_text("闸*前", timeout=SOON)
    expect(card).to_contain_text("闸前")
    others = [staffed.terminal() for _ in range(3)]
    health(others[0], paused=True, rules_version=7)
    fault = DeviceHealth(name="thermometer", driver="gy614", state="absent", code="not_present", errors=4)
    health(others[1], in_service=False, devices=(fault,), outbox_waiting=12)
    for reasons, times in (((Reason.CODE_EXPIRED,), 4), ((Reason.MASK_MISSING,), 2)):
        decision = Decision(verdict=Verdict.REFUSE, reasons=reasons, rules_version=1)
        terminal.send(*(terminal.passage(decision=decision) for _ in range(times)))
    alarm(others[0], "待*认", Reason.FACE_UNSURE)
    expect(page.locator("#lanes")).to_contain_text("已暂停", timeout=SOON)
    expect(page.locator("#day")).to_contain_text("预约码已过期", timeout=SOON)
    expect(page.locator("#waiting-cases")).to_contain_text("待*认")
    expect(page.locator("#hours-chart canvas")).to_have_count(1)
    keep(page, "lanes")
    health(terminal, entered=163, left=122)
    page.goto(f"{ROOT}?lang=en")
    expect(card).to_contain_text("In service", timeout=SOON)
    keep(page, "lanes-en")


def test_search_keeps_the_number_out_of_the_address(page: Page, terminal: Any) -> None:
    terminal.send(terminal.passage(name_masked="欧**明"))
    page.goto(f"{ROOT}?lang=zh-Hans")
    page.get_by_role("searchbox").fill("欧阳小明")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("欧**明")
    page.get_by_role("searchbox").fill("110101199003070011")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("按证件号码查找")
    assert "1101" not in page.url
    expect(page.locator("tr", has_text="欧**明").first).to_be_visible()
    keep(page, "found")


def test_the_help_desk_books_changes_and_cancels(page: Page) -> None:
    sign_in(page, f"{ROOT}/appointments")
    page.get_by_role("link", name="后一天").click()
    page.get_by_label("时段", exact=True).select_option(index=1)
    page.get_by_label("姓名").fill("欧阳小明")
    page.get_by_label("证件号码").fill("110101199003070011")
    page.get_by_label("同行人数").fill("2")
    keep(page, "appointments")
    page.get_by_role("button", name="预约", exact=True).click()
    expect(page.locator("figure svg")).to_be_visible()
    expect(page.locator("main")).to_contain_text("欧**明")
    expect(page.locator("main")).to_contain_text("10:00–11:00")
    keep(page, "appointment")
    page.get_by_label("同行人数").fill("0")
    page.get_by_role("button", name="更改").click()
    expect(page.locator("dl")).to_contain_text("同行人数 0", use_inner_text=True)
    page.get_by_role("button", name="本人不来了").click()
    expect(page.locator("h1")).to_contain_text("已取消")


def test_rules_are_edited_rehearsed_and_published(page: Page, staffed: Any, terminal: Any) -> None:
    health(terminal)
    alarm(terminal, "演*习", Reason.FACE_UNSURE)
    settle(staffed)
    sign_in(page, f"{ROOT}/rules")
    page.locator("input[type=file]").set_input_files(
        {"name": "mine.toml", "mimeType": "text/plain", "buffer": b'level = "IV"\nmask = "always"\n'}
    )
    expect(page.get_by_label("规则（TOML）")).to_have_value('level = "IV"\nmask = "always"\n')
    page.get_by_role("button", name="发布为新版本").click()
    expect(page.locator(".problem")).to_contain_text("字段“mask”的值不对")
    expect(page.get_by_label("规则（TOML）")).to_have_value('level = "IV"\nmask = "always"\n')
    page.get_by_role("link", name="响应级别 IV", exact=True).click()
    page.get_by_role("button", name="演练，不改变任何东西").click()
    expect(page.locator("#rehearsal")).to_contain_text("演*习")
    keep(page, "rehearsal")
    page.get_by_label("终端比例").last.fill("50")
    page.get_by_role("button", name="发布为新版本").click()
    expect(page.locator(".done")).to_contain_text("另一位主管或管理员")
    keep(page, "rules")
    page.get_by_role("link", name="双人复核").click()
    page.get_by_role("link", name="发布规则").first.click()
    expect(page.locator("main")).to_contain_text("这是您提出的")
    second = staffed.sign_in(None, "supervisor", hall=HALL, staff_id="w02", name="李强")
    page.context.add_cookies([{"name": "session", "value": second, "url": staffed.at.console}])
    page.reload()
    keep(page, "decision")
    page.get_by_role("button", name="确认生效").click()
    expect(page.locator("dl")).to_contain_text("已生效")
    page.goto(f"{ROOT}/rules")
    expect(page.locator("main")).to_contain_text("李强 · w02")


def test_registers(page: Page, terminal: Any) -> None:
    now = WallClock().now()

    def act(kind: StaffAct, **given: Any) -> StaffAction:
        return StaffAction(id=uuid6.uuid7(), act=kind, staff="w02", lane="1", at=now, **given)

    trouble = LaneAlarm(id=uuid6.uuid7(), trouble=LaneTrouble.HELD_OPEN, lane="1", at=now)
    terminal.send(terminal.passage(), act(StaffAct.PAUSED), act(StaffAct.COUNT_SET, count=42), trouble)
    sign_in(page, f"{ROOT}/registers")
    expect(page.locator("#alarms")).to_contain_text("闸门被挡住", timeout=SOON)
    expect(page.locator("html")).to_have_attribute("data-alarm-sound", "ready")  # seen, and not rung for
    expect(page.locator("main")).to_contain_text("更正在场人数")
    keep(page, "registers")
    page.get_by_label("事项").select_option("paused")
    page.get_by_role("button", name="查看").click()
    expect(page.locator("main")).not_to_contain_text("42")
    page.locator("#alarms").get_by_role("button", name="知道了").click()
    expect(page.locator("#alarms")).to_be_hidden(timeout=SOON)
