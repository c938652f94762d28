"""An application from hall A's desk to the citizen's door by way of hall B, with staff in Chromium; on both databases.

What reaches the hub from the desk travels over the terminal's own TLS line; what staff do is done with mouse and keys.
On PostgreSQL the main path of each role is walked, too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.postgres import NoPostgres, postgres
from drivers.simulate.courier_service import CourierServer
from hub.audit.verify import ANCHORS, anchor, verify
from kiosk.clock import WallClock
from kiosk.wire.catalogue import Delivery, Handling
from kiosk.wire.progress import Standing
from tests.hub.chromium import PICTURES, browser, complaints, opened
from tests.hub.conftest import RunningHub, running_in
from tests.hub.office_world import JPEG, ROLES, Citizen, World, pdf
from tests.hub.test_browser_gate import LISTEN, signed_in, with_staff
from tests.hub.test_browser_gate import test_an_alarm_is_seen_heard_and_handled_to_its_end as _alarm_is_handled
from tests.hub.test_browser_gate import test_rules_are_edited_rehearsed_and_published as _rules_are_published
from tests.hub.test_browser_gate import test_the_help_desk_books_changes_and_cancels as _visits_are_booked
from tests.hub.test_browser_people import PATHS
from tests.hub.test_browser_people import test_a_number_is_called_and_the_wall_shows_it_by_itself as _number_is_called
from tests.hub.test_browser_people import (
    test_a_supervisor_has_a_time_of_keeping_changed_with_a_second_and_an_auditor_sees_it as _time_is_changed,
)
from tests.hub.test_browser_people import test_an_administrator_lets_somebody_in_and_out_again as _lets_in
from tests.hub.test_browser_people import test_each_role_finds_its_way_at_any_width as _finds_its_way
from tests.hub.test_browser_people import test_set_up_and_sign_in_with_the_keyboard as _sets_up_and_signs_in
from tests.hub.test_browser_terminals import test_from_the_list_to_an_order_that_was_carried_out as _order_is_given
from tests.hub.test_office_journey import item_of
from tests.hub.test_terminal_pages import HALL

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
WORDS = "页面模糊，请重拍"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    folder = tmp_path_factory.mktemp("hub")
    if request.param == "sqlite":
        with running_in(folder) as hub:
            yield hub
        return
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres()).url
        except NoPostgres as error:
            pytest.skip(str(error))
        yield stack.enter_context(running_in(folder, url))


class Desk:
    """A member of staff before the console."""

    def __init__(self, browser: Browser, running: RunningHub, hall: str, staff_id: str) -> None:
        token = running.sign_in(None, ROLES[staff_id], hall=hall, staff_id=staff_id)
        self.page: Page = opened(browser, running, token).new_page()
        self.hall = hall
        self.problems = complaints(self.page)
        self.page.on("dialog", lambda dialog: dialog.accept())  # what cannot be taken back is asked once more

    def open(self, number: str) -> None:
        """The submission, out of the queue."""
        self.page.goto(f"/office/{self.hall}?lang=zh-Hans")
        self.page.locator(f"a[href$='{number}']").first.click()
        expect(self.page.locator("h1")).to_contain_text(number[:4])

    def press(self, words: str) -> None:
        """A button of what can be done."""
        self.page.locator("aside").get_by_role("button", name=words, exact=True).first.click()

    def reads(self, words: str) -> None:
        """It stands there."""
        expect(self.page.locator("h1")).to_contain_text(words)

    def keep(self, name: str) -> None:
        if PICTURES:
            self.page.screenshot(path=str(Path(PICTURES) / f"office-{name}.png"), full_page=True)

    def over(self) -> None:
        self.page.context.close()
        assert self.problems == []


def until(done: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def test_from_a_desk_at_a_to_the_door_by_way_of_b(running: RunningHub, browser: Browser, tmp_path: Path) -> None:
    world = World(running)
    terminal = running.terminal("desk", "hall-a")
    running.terminal("desk", "hall-b")
    for hall in ("hall-a", "hall-b"):
        world.staff(hall)
    item = item_of(world, "hall-a", Handling.ACCEPT_REMOTELY)
    world.home("hall-a", item, "hall-b")
    citizen = Citizen(terminal)
    document = tmp_path / "result.pdf"
    document.write_bytes(pdf())
    with CourierServer() as courier:
        world.outside(None, courier)
        paper = citizen.paper(JPEG)
        number = citizen.hand_in([paper], item=item, way=Delivery.COURIER, address_sealed=citizen.address()).number

        # Window staff at A read it, and send it back once with what is wrong.
        window = Desk(browser, running, "hall-a", "w01")
        window.open(number)
        expect(window.page.locator("dl.facts").first).to_contain_text("王小明")
        expect(window.page.locator("dl.facts").first).to_contain_text("朝阳大街1号")
        window.page.locator("summary", has_text="退回补正").click()
        window.page.locator("input[name='words:paper:registration']").fill(WORDS)
        window.keep("return")
        window.press("退回补正")
        window.reads("待补正")
        told = citizen.progress(number)
        assert (told.standing, [each.words for each in told.asked]) == (Standing.CORRECTING, [WORDS])

        # The citizen hands in only that, at the desk; A accepts and sends it to B.
        citizen.supply(number, [citizen.paper(JPEG + b" sharper")])
        window.open(number)
        assert not window.page.locator("summary", has_text="退回补正").count()  # asked once, with everything listed
        window.press("受理")
        window.reads("已受理")
        assert citizen.progress(number).due is not None
        window.press("转办")
        until(lambda: world.record(number).at_hall == "hall-b")
        window.keep("routed")

        # B's back office decides, uploads the document and sends it.
        back = Desk(browser, running, "hall-b", "b01")
        back.open(number)
        back.press("准予")
        back.page.locator("input[name=title]").fill("准予决定书")
        back.page.locator("input[name=file]").set_input_files(document)
        back.press("上传结果")
        expect(back.page.locator("main")).to_contain_text("准予决定书")
        fetched = citizen.result(number)
        assert (fetched.status_code, fetched.content) == (200, document.read_bytes())
        back.press("交快递")  # on a page from before the citizen fetched it: nothing is done over anybody's head
        expect(back.page.locator(".problem[role=alert]")).to_be_visible()
        back.page.locator("select[name=carrier]").select_option("ems")
        back.press("交快递")
        until(lambda: bool(courier.parcels))
        (parcel,) = courier.parcels.values()
        assert (parcel.to["name"], parcel.to["street"]) == ("王小明", "朝阳大街1号")
        courier.carry(parcel.label)
        until(lambda: world.record(number).standing is Standing.DELIVERED)
        back.page.reload()
        expect(back.page.locator("main")).to_contain_text(parcel.label)
        back.keep("delivered")
    told = citizen.progress(number)
    steps = ["receive", "return", "correct", "accept", "route", "grant", "upload", "fetch", "send", "arrive"]
    assert [each.what for each in told.steps] == steps
    anchor(running.hub.engine, running.data.path, running.hub.signing, WallClock().now())
    found = world.read(
        lambda connection: verify(connection, running.data.path / ANCHORS, running.data.signing_public())
    )
    assert found.problems == ()
    window.over()
    back.over()


def test_the_main_paths_of_each_role_on_postgresql(running: RunningHub, browser: Browser) -> None:
    if running.hub.engine.dialect.name != "postgresql":
        pytest.skip("on SQLite they are walked one by one, by test_browser_people.py, _gate.py and _terminals.py")
    _sets_up_and_signs_in(browser, running)
    _number_is_called(browser, running)
    _lets_in(browser, running)
    _time_is_changed(browser, running)
    for role in PATHS:
        _finds_its_way(browser, running, role)
    at_the_gate = signed_in(browser, with_staff(running))
    at_the_gate.add_init_script(LISTEN)
    lane = running.terminal("gate", HALL)
    for path in (
        lambda page: _alarm_is_handled(page, lane),
        _visits_are_booked,
        lambda page: _rules_are_published(page, running, lane),
    ):
        page = at_the_gate.new_page()
        path(page)
        page.close()
    at_the_gate.close()
    technician = opened(browser, running, running.sign_in(None, "technician", hall=HALL, staff_id="t7"))
    _order_is_given(technician.new_page(), running)
    technician.close()
