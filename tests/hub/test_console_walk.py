"""Every page that a role finds by links, in three languages, on a hub where nothing has happened yet."""

from typing import Any

import httpx
import pytest

from hub.office.roles import ROLES
from tests.hub.console_walk import Read, kind_of, left_over, walk

Running = Any
HALL = "weinan"
NAMES = ["王芳", "number, kind, begins (optional), ends, asked_by, why, note (optional)"]


@pytest.fixture(scope="module")
def empty(running: Running) -> Running:
    running.terminal("gate", HALL)
    return running


def problems(answer: httpx.Response, language: str) -> list[str]:
    """What is wrong with a page in a language."""
    page = Read.of(answer.text)
    found = left_over(page, language, NAMES)
    found += [f"id twice: {each}" for each in set(page.ids) if page.ids.count(each) > 1]
    if f'<html lang="{language}">' not in answer.text:
        found.append("another language")
    return [f"{language} {answer.url.path}: {each}" for each in found]


def test_each_role_finds_only_pages_that_open_and_that_are_in_words(empty: Running) -> None:
    wrong: list[str] = []
    kinds: set[str] = set()
    for place, role in enumerate(ROLES):
        with httpx.Client(base_url=empty.at.console, trust_env=False, timeout=30) as client:
            empty.sign_in(client, role, hall=HALL, staff_id=f"finds-{place}")
            for path, answer in walk(client, ["/", "/me"], most=1):
                if answer.status_code not in {200, 303, 307}:
                    wrong.append(f"{role} {path}: {answer.status_code}")
                if answer.status_code != 200 or kind_of(path) in kinds:
                    continue
                kinds.add(kind_of(path))
                if answer.headers["content-type"].startswith("text/html"):
                    wrong += problems(answer, "zh-Hans")
                    english = client.get(httpx.URL(path).copy_merge_params({"lang": "en"}))
                    wrong += problems(english, "en")
                    client.cookies.delete("lang")
    assert not wrong, "\n".join(wrong)
    assert len(kinds) > 20, sorted(kinds)
