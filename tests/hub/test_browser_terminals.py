"""A technician's main path in Chromium: the list, a terminal as it changes, an order to its fate, a bundle saved."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.wire import routes
from kiosk.wire.orders import OrderFate, Orders, OrderSettled
from tests.hub.chromium import PICTURES, browser, over_wide, page_of
from tests.hub.test_browser import png
from tests.hub.test_terminal_pages import HALL, tell

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Running = Any


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    with page_of(browser, running, "technician", hall=HALL, staff_id="t7") as page:
        yield page


def fits(page: Page, name: str) -> None:
    """Nothing is wider than the window, on a telephone and on a large screen, in each language."""
    where = page.url.split("?")[0]
    for language in ("zh-Hans", "zh-Hant", "en"):
        for width in (390, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{where}?lang={language}")
            over = over_wide(page)
            if PICTURES:
                page.screenshot(path=str(Path(PICTURES) / f"{name}-{language}-{width}.png"), full_page=True)
            assert over <= 0, f"{name} in {language} is wider than {width} px by {over}"
    page.set_viewport_size({"width": 1280, "height": 900})


def test_from_the_list_to_an_order_that_was_carried_out(page: Page, running: Running) -> None:
    terminal = running.terminal()
    name = terminal.enrolled.terminal
    tell(terminal, outbox_dead=1)
    terminal.http.put(routes.SCREEN, content=png(270, 480))
    terminal.send(*(terminal.passage() for _ in range(5)))
    page.goto("/terminals?lang=en")
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("h1")).to_contain_text(name)
    alarm = page.locator(".terminal-alarms li", has_text="Data refused")
    expect(alarm).to_be_visible()  # raised by the hub's own watch, shown by itself
    alarm.get_by_role("button", name="I see to it").click()
    expect(page.locator(".terminal-alarms li", has_text="t7 sees to it")).to_be_visible()
    fits(page, "terminal")
    page.goto(f"/terminals/{HALL}/{name}?lang=en")
    # It changes by itself.
    tell(terminal, view="gate.Admitted")
    expect(page.locator("#t-standing")).to_contain_text("Admitted")
    page.locator("select[name=kind]").select_option("bundle")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Give", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".done").first).to_contain_text("The order was given")
    first = page.locator(".order-list li").first
    expect(first).to_contain_text("Waiting")
    (order,) = msgspec.json.decode(terminal.http.get(routes.ORDERS).content, type=Orders).orders
    expect(first).to_contain_text("Taken")
    terminal.http.put(f"{routes.ORDERS}/{order.number}/bundle", content=gzip.compress(b"b"))
    settled = msgspec.json.encode(OrderSettled(fate=OrderFate.DONE))
    terminal.http.put(f"{routes.ORDERS}/{order.number}", content=settled)
    expect(first).to_contain_text("Done")
    with page.expect_download() as download:
        first.get_by_role("link", name="Download the bundle").click()
    assert download.value.suggested_filename == f"kiosk-{HALL}-{name}-{order.number}.tar.gz"


def test_the_list_shows_the_worst_first_and_fits(page: Page, running: Running) -> None:
    good, bad, locked, _never = (running.terminal(role) for role in ("gate", "desk", "gate", "desk"))
    tell(good, devices=())
    tell(bad, in_service=False, outbox_dead=4, role="desk")
    tell(locked, in_service=False, paused=True)
    page.goto("/terminals?lang=en")
    expect(page.locator("table.alarm-list")).to_contain_text(bad.enrolled.terminal)
    for terminal, state in ((good, "In service"), (bad, "Out of service"), (locked, "Locked"), (_never, "Not heard")):
        name = terminal.enrolled.terminal
        link = page.get_by_role("link", name=name, exact=True)
        expect(page.locator("tr", has=link).last).to_contain_text(state)
    names = page.locator("table.list").last.locator("tbody tr td:first-child strong").all_inner_texts()
    assert names.index(bad.enrolled.terminal) < names.index(good.enrolled.terminal)
    fits(page, "terminals")
