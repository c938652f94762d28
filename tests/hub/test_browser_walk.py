"""Every page of the console that a role finds by links, on a busy day, looked at by a machine in Chromium.

With `KIOSK_TEST_PICTURES` each page is photographed in three languages, on a large screen and on a telephone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.hub.chromium import PHONE, PICTURES, browser, complaints, opened
from tests.hub.console_papers import HALL, OTHER_HALL
from tests.hub.console_walk import Read, by_keyboard, kind_of, left_over, looks, walk
from tests.hub.console_world import Town

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ROLES = ("supervisor", "administrator", "technician", "window", "back_office", "entry", "auditor")
LANGUAGES = ("zh-Hans", "zh-Hant", "en") if PICTURES else ("zh-Hans", "en")
FILLED = {
    *("/office/weinan/texts", "/office/weinan/overdue", "/gate/weinan/watch", "/privacy", "/decisions/…"),
    *("/terminals/machines", "/terminals/weinan/…", "/terminals/weinan/…/site"),
}
"""Pages that the town fills, and that somebody has to find."""


@pytest.fixture(scope="module")
def town(running: Any) -> Town:
    return Town(running).fill()


@pytest.fixture(scope="module")
def pages(town: Town) -> dict[str, str]:
    """Each page that is to be looked at, and who finds it; what goes wrong on the way is told at once."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    kinds: set[str] = set()
    for role in ROLES:
        with httpx.Client(base_url=town.running.at.console, trust_env=False, timeout=60) as client:
            client.cookies.set("session", town.token(role))
            for path, answer in walk(client, ["/", "/me"], most=20 if PICTURES else 2):
                if answer.status_code >= 400:
                    wrong.append(f"{role} {path}: {answer.status_code}")
                if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
                    continue
                if PICTURES or kind_of(path) not in kinds:
                    found.setdefault(path, role)
                if kind_of(path) in kinds:
                    continue
                kinds.add(kind_of(path))
                for language in ("zh-Hans", "zh-Hant", "en"):
                    read = Read.of(client.get(httpx.URL(path).copy_merge_params({"lang": language})).text)
                    wrong += [
                        f"{language} {path}: {each}"
                        for each in left_over(read, language, town.typed, (HALL, OTHER_HALL))
                    ]
    assert not wrong, "\n".join(wrong)
    assert kinds >= FILLED, FILLED - kinds
    return found


@dataclass
class Looking:
    """Somebody's browser with one page, and what goes wrong in it."""

    page: Page
    problems: list[str]


@pytest.fixture
def signed_in(browser: Browser, town: Town) -> Iterator[Callable[[str], Looking]]:
    looking: dict[str, Looking] = {}

    def of(role: str) -> Looking:
        if role not in looking:
            page = opened(browser, town.running, town.token(role)).new_page()
            looking[role] = Looking(page, complaints(page))
        return looking[role]

    yield of
    for each in looking.values():
        each.page.context.close()


def photographed(page: Page, path: str, language: str, width: int) -> None:
    if PICTURES:
        page.evaluate("scrollTo(0, 0)")
        name = re.sub(r"[^\w.-]+", "_", path).strip("_") or "root"
        page.screenshot(path=str(Path(PICTURES) / f"walk-{name[:70]}-{language}-{width}.png"), full_page=True)


def test_each_page_is_good_to_look_at_and_to_use(signed_in: Callable[[str], Looking], pages: dict[str, str]) -> None:
    wrong: list[str] = []
    for path, role in sorted(pages.items()):
        looking = signed_in(role)
        page = looking.page
        for language in LANGUAGES:
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(str(httpx.URL(path).copy_merge_params({"lang": language})), wait_until="domcontentloaded")
            for width in (1280, PHONE):
                page.set_viewport_size({"width": width, "height": 900 if width > PHONE else 844})
                wrong += [f"{path} {language} {width}: {each}" for each in looks(page)]
                photographed(page, path, language, width)
        page.set_viewport_size({"width": 1280, "height": 900})
        wrong += [f"{path}: {each}" for each in [*by_keyboard(page), *looking.problems]]
        looking.problems.clear()
    assert not wrong, "\n".join(wrong)
