"""Every route of the console and every role: allowed or refused as the table says, and none without its line."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub.console.access import ACCESS, ANYBODY
from hub.console.app import console_app
from hub.office.roles import ROLES

Running = Any
HALL = "weinan"
VALUES = {
    "hall": HALL,
    "terminal": "gate-1",
    "key": "00000000-0000-7000-8000-000000000000",
    "trouble": "00000000-0000-7000-8000-000000000000",
    "number": "1",
    "entry": "ABCDEFG2",
    "sha256": "0" * 64,
    "code_id": "ABCDEFGH",
    "code": "ABCD2345",
    "step": "accept",
}


@pytest.fixture(scope="module")
def routes(running: Running) -> set[tuple[str, str]]:
    described = console_app(running.hub).openapi()["paths"]
    return {(method.upper(), path) for path, methods in described.items() for method in methods}


@pytest.fixture
def browser(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        yield client


def test_each_route_has_its_line_and_each_line_its_route(routes: set[tuple[str, str]]) -> None:
    assert routes - set(ACCESS) == set(), "declare who may: hub/console/access.py"
    assert set(ACCESS) - routes == set()


def asked(browser: httpx.Client, method: str, path: str, hall: str = HALL) -> int:
    """The status; a stream is closed as soon as it has begun."""
    address = re.sub(r"\{(\w+)\}", lambda part: {**VALUES, "hall": hall}.get(part[1], "1"), path)
    data = {"hall": hall} if method == "POST" else None
    with browser.stream(method, address, data=data) as answer:
        return answer.status_code


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says(
    running: Running, browser: httpx.Client, routes: set[tuple[str, str]], role: str
) -> None:
    wrong = []
    running.sign_in(browser, role, hall=HALL, staff_id=f"walks-{role}")
    for method, path in sorted(routes - {("POST", "/sign-out")}):
        wanted = ACCESS[method, path]
        status = asked(browser, method, path)
        allowed = wanted == ANYBODY or role in wanted
        if (status == 403) is allowed or status >= 500:
            wrong.append((method, path, status))
    assert wrong == []


def test_nobody_gets_anything_but_what_is_for_anybody(browser: httpx.Client, routes: set[tuple[str, str]]) -> None:
    open_ones = {(method, path) for method, path in routes if asked(browser, method, path) not in {303, 401}}
    assert open_ones <= {key for key, wanted in ACCESS.items() if wanted == ANYBODY}


def test_another_hall_is_refused(running: Running, browser: httpx.Client, routes: set[tuple[str, str]]) -> None:
    running.sign_in(None, "window", hall="hall-b")
    for role in ROLES:
        running.sign_in(browser, role, hall=HALL, staff_id=f"walks-{role}")
        for method, path in routes:
            if "{hall}" in path and ACCESS[method, path] != ANYBODY and role in ACCESS[method, path]:
                assert asked(browser, method, path, "hall-b") == 403, (method, path)


def test_lists_of_all_halls_show_ones_own(running: Running, browser: httpx.Client) -> None:
    for hall in (HALL, "hall-b"):
        sender = running.terminal(hall=hall)
        sender.send(sender.passage(lane=f"lane-of-{hall}"), sender.submission(name_masked=f"of {hall}"))
    running.sign_in(browser, "supervisor", hall=HALL, staff_id="only-own")
    for path in ("/passages", "/submissions", "/"):
        text = browser.get(path).text
        assert "hall-b" not in text, path
    assert f"lane-of-{HALL}" in browser.get("/passages").text
    assert not [key for key in browser.get("/api/v1/console/summary").json()["terminals"] if key.startswith("hall-b")]
    running.sign_in(browser, "supervisor", staff_id="of-all")
    assert "lane-of-hall-b" in browser.get("/passages").text
