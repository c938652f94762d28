"""An administrator lists a machine, compares and admits it, and sets it up: in Chromium, with the machine enrolling."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.fleet import serials
from kiosk.clock import WallClock
from kiosk.wire.fleet import EditionRefused, EnrolmentTicket
from provisioning.enrol import BySerial, enrol
from tests.hub.chromium import browser, page_of
from tests.hub.test_browser_terminals import fits
from tests.hub.test_terminal_pages import HALL, tell

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Running = Any


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    with page_of(browser, running, "administrator", hall=HALL, staff_id="a7") as page:
        yield page


def test_a_machine_is_listed_compared_admitted_and_set_up(
    browser: Browser, page: Page, running: Running, tmp_path: Path
) -> None:
    page.goto("/terminals/machines?lang=en")
    page.get_by_role("textbox").first.fill("serial,hall,terminal,role,group\nKZ7-0042,weinan,desk-70,desk,pilot\nx,y")
    page.locator("input[name=until]").fill("2099-12-31")
    page.get_by_role("button", name="Add to the list").click()
    expect(page.get_by_text("Line 3:")).to_be_visible()
    page.get_by_role("textbox").first.fill(
        "serial,hall,terminal,role,group\nKZ7-0042,weinan,desk-70,desk,pilot\nKZ7-0043,weinan,gate-70,gate,\n"
    )
    page.get_by_role("button", name="Add to the list").click()
    expect(page.get_by_text("2 added to the list")).to_be_visible()

    ticket = EnrolmentTicket(url=running.at.terminals, ca_sha256=running.hub.authority.fingerprint)
    said: list[str] = []
    done: list[Any] = []

    def machine() -> None:
        wish = BySerial("KZ7-0042", 120)
        done.append(enrol(ticket, tmp_path / "id", WallClock(), said.append, by_serial=wish, with_tpm=False))

    enrolling = threading.Thread(target=machine)
    enrolling.start()
    while not any("fingerprint" in line and "waiting" in line for line in said):
        page.wait_for_timeout(100)
    page.goto("/terminals?lang=en")
    page.get_by_role("link", name="Machines by serial number").click()
    with running.hub.engine.connect() as connection:
        found = serials.expected(connection, "KZ7-0042")
    assert found is not None
    expect(page.get_by_text(found.fingerprint)).to_be_visible()
    assert any(found.fingerprint in line for line in said)  # the machine shows the same
    fits(page, "machines")
    page.goto("/terminals/machines?lang=en")
    page.get_by_role("button", name="Admit", exact=True).click()
    expect(page.get_by_text("Admitted; it finishes within seconds.")).to_be_visible()
    enrolling.join(120)
    assert done[0].terminal == "desk-70"

    page.goto(f"/terminals/{HALL}/desk-70?lang=en")
    page.get_by_role("link", name="Settings").click()
    page.locator("#text").fill("[desk]\nidle_secnds = 90.0")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.get_by_text("Line 2, desk.idle_secnds")).to_be_visible()
    page.locator("#text").fill("[desk]\nidle_seconds = 90.0")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator(".done")).to_contain_text("a colleague")
    page.get_by_role("link", name="Terminal desk-70").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Settings of terminals")
    expect(page.get_by_role("button", name="Confirm")).to_have_count(0)  # not one's own
    fits(page, "site-proposed")
    with page_of(browser, running, "technician", hall=HALL, staff_id="t7") as second:
        second.goto(f"{page.url.partition('?')[0]}?lang=en")
        expect(second.locator("pre.difference")).to_contain_text("+idle_seconds = 90.0")
        second.get_by_role("button", name="Confirm").click()
        expect(second.locator("dl.facts")).to_contain_text("In force")
        fits(second, "site-decided")
    page.goto(f"/terminals/{HALL}/desk-70/site?lang=en")
    expect(page.get_by_role("cell", name="90.0")).to_be_visible()
    fits(page, "site")


def test_a_terminal_that_does_not_hold_what_is_desired(page: Page, running: Running) -> None:
    terminal = running.terminal()
    name = terminal.enrolled.terminal
    held = {"rules": 0, "catalogue": 1, "staff": 0, "site": 0}
    tell(terminal, editions=held, refused={"catalogue": EditionRefused(version=9, why="unknown field `x`")})
    page.goto(f"/terminals/{HALL}/{name}?lang=en")
    rules = page.locator("#t-standing tr", has_text="Rules")
    expect(rules).to_contain_text("since", timeout=60_000)  # the hub finds it out, the page shows it by itself
    expect(page.locator("#t-standing")).to_contain_text("cannot use version 9")
    fits(page, "behind")
