"""The overview in Chromium: its figures, its terminals and what waits for somebody change by themselves."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from hub.rules.publish import LEVELS
from kiosk.wire import routes
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.chromium import browser, page_of
from tests.hub.test_browser import health

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HALL = "weinan"


@pytest.fixture
def page(browser: Browser, running: Any) -> Iterator[Page]:
    with page_of(browser, running, "supervisor", hall=HALL, staff_id="s7") as page:
        page.goto("/?lang=en")
        yield page


def figure(page: Page, words: str) -> Any:
    return page.locator("#counts > div", has_text=words).locator("dd")


def decided(gate: Any, verdict: Verdict) -> Any:
    decision = Decision(verdict=verdict, reasons=(Reason.ALL_IN_ORDER,), rules_version=1)
    return gate.passage(decision=decision)


def test_the_figures_change_without_a_heartbeat(page: Page, running: Any) -> None:
    gate, desk, far = running.terminal("gate"), running.terminal("desk"), running.terminal("gate", "huazhou")
    before = {words: int(figure(page, words).inner_text()) for words in ("Admitted", "Refused", "Submissions")}
    page.evaluate("document.body.dataset.same = 'page'")
    gate.send(decided(gate, Verdict.ADMIT), decided(gate, Verdict.ADMIT), decided(gate, Verdict.REFUSE))
    far.send(decided(far, Verdict.ADMIT))  # of another hall
    desk.send(desk.submission())
    expect(figure(page, "Admitted")).to_have_text(str(before["Admitted"] + 2))
    expect(figure(page, "Refused")).to_have_text(str(before["Refused"] + 1))
    expect(figure(page, "Submissions")).to_have_text(str(before["Submissions"] + 1))
    gate.send(decided(gate, Verdict.ADMIT))
    expect(figure(page, "Admitted")).to_have_text(str(before["Admitted"] + 3))
    assert page.evaluate("document.body.dataset.same") == "page"


def test_what_waits_for_somebody_comes_and_goes(page: Page, running: Any) -> None:
    running.terminal()
    waits = page.locator("#waits")
    expect(waits).to_have_text("")

    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=60) as other:
        running.sign_in(other, "supervisor", hall=HALL, staff_id="s8")
        level = {"newest": "1", "do": "publish", "text": LEVELS["level-3"].read_text(), "share": "50"}
        assert other.post(f"/gate/{HALL}/rules", data=level).status_code == 303
        expect(waits).to_contain_text("1 for you to confirm")
        number = running.rows("SELECT max(number) FROM proposal")[0][0]
        assert other.post(f"/decisions/{number}/refuse", data={"why": "not yet"}).status_code == 303
    expect(waits).to_have_text("")


def test_a_terminal_comes_and_keeps_its_link_under_the_keyboard(page: Page, running: Any) -> None:
    gate = running.terminal("gate")
    gate.http.post(routes.HEALTH, content=health(gate, "gate"))
    card = page.locator(f"#t-{HALL}-{gate.enrolled.terminal}")
    expect(card).to_contain_text("In service")
    link = card.get_by_role("link")
    link.focus()
    gate.http.post(routes.HEALTH, content=health(gate, "gate", in_service=False))
    expect(card).to_contain_text("Out of service")
    expect(page.locator("#states")).to_contain_text("Out of service")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(gate.enrolled.terminal)
