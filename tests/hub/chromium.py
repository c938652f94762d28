"""Debian's Chromium for the tests of the console: one start, one way to be signed in, one way to look at a page."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = os.environ.get("KIOSK_TEST_PICTURES")
"""A folder to keep screenshots in, for people to look at."""
PATIENCE_MS = 60_000
"""How long a condition may take on a busy machine."""
PHONE = 390
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """A browser that is closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*ARGUMENTS, *more])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a test module to import: started once for all its tests."""
    with chromium() as started:
        yield started


def opened(
    browser: Browser, running: Any, token: str = "", *, width: int = 1280, height: int = 900, at: str = ""
) -> BrowserContext:
    """A browser of its own, signed in where there is a session's token.

    Args:
        browser: Chromium.
        running: The hub.
        token: Of `running.sign_in`.
        width: In pixels.
        height: In pixels.
        at: Where the console is, when not at its own address.
    """
    context = browser.new_context(base_url=at or running.at.console, viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE_MS)
    if token:  # a cookie counts for every port of a host
        context.add_cookies([{"name": "session", "value": token, "url": running.at.console}])
    return context


def complaints(page: Page, *, told_by_status: bool = False) -> list[str]:
    """Whatever goes wrong in a page from now on: errors of scripts and of the console.

    Args:
        page: Watched.
        told_by_status: Also answers with a status of an error.
    """
    found: list[str] = []

    def heard(message: Any) -> None:
        if message.type == "error" and (told_by_status or "status of 4" not in message.text):
            found.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: found.append(f"{error} {error.stack or ''}"))
    return found


@contextmanager
def page_of(browser: Browser, running: Any, role: str, *, hall: str, staff_id: str) -> Iterator[Page]:
    """A page of somebody who is signed in; in the end nothing may have gone wrong in it."""
    context = opened(browser, running, running.sign_in(None, role, hall=hall, staff_id=staff_id))
    page = context.new_page()
    problems = complaints(page)
    yield page
    context.close()
    assert problems == []


def over_wide(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def looked_at(page: Page, name: str, widths: Sequence[int] = (1280, PHONE), *, whole: bool = True) -> None:
    """Nothing is wider than the window at any of these widths; with pictures to keep, it is photographed."""
    before = page.viewport_size or {"width": 1280, "height": 900}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
        page.wait_for_timeout(200)
        over = over_wide(page)
        assert over <= 0, f"{name} is wider than {width} px by {over}"
        if PICTURES:
            page.evaluate("scrollTo(0, 0)")  # headings that stick would stand over rows in a picture of the whole page
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=whole)
    page.set_viewport_size(before)
