import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import httpx
import msgspec
import pytest

from hub.console.words import WORDS, Language, word
from kiosk.clock import WallClock
from kiosk.devices.supervisor import State
from kiosk.wire import routes
from kiosk.wire.events import Crossed, Fate
from kiosk.wire.evidence import Band, CodeStatus, DocumentKind, NotMeasured, Why
from kiosk.wire.fleet import DeviceHealth, Health
from kiosk.wire.rules import Decision, Reason, Verdict

Running = Any
Sender = Any
HOSTILE = "<script>alert(1)</script><hx-partial hx-target='body'>'\"; DROP TABLE"[:64]


@pytest.fixture
def console(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "supervisor", "technician", "auditor")
        yield client


@pytest.mark.parametrize("kind", [Verdict, Reason, Crossed, Why, Band, CodeStatus, DocumentKind, State])
def test_every_value_has_words_in_both_languages(kind: type[StrEnum]) -> None:
    for value in kind:
        zh, en = word(value.value, Language.ZH), word(value.value, Language.EN)
        assert value.value in WORDS, value
        assert re.search(r"[\u4e00-\u9fff]", zh)
        assert en.isascii()


def test_templates_use_only_words_that_exist() -> None:
    from hub.console.pages import STATIC

    for template in (STATIC.parent / "templates").glob("*.html"):
        for key in re.findall(r'w\("([a-z_]+)"\)', template.read_text()):
            assert key in WORDS, f"{template.name}: {key}"


def hostile_health(name: str) -> bytes:
    health = Health(
        terminal=name,
        role=HOSTILE,
        version=HOSTILE,
        made=WallClock().now(),
        in_service=False,
        view=HOSTILE,
        rules_version=1,
        outbox_waiting=3,
        outbox_dead=1,
        oldest_waiting=WallClock().now(),
        devices=(
            DeviceHealth(name=HOSTILE, driver=HOSTILE, state=HOSTILE, code=HOSTILE, fault=HOSTILE, remedy=HOSTILE),
        ),
    )
    return msgspec.json.encode(health)


@pytest.mark.parametrize("language", list(Language))
def test_every_page_escapes_every_text(running: Running, console: httpx.Client, language: Language) -> None:
    sender = running.terminal()
    evidence = sender.passage().evidence
    passage = sender.passage(
        lane=HOSTILE,
        name_masked=HOSTILE,
        number_masked=HOSTILE,
        evidence=msgspec.structs.replace(
            evidence,
            face=NotMeasured(why=Why.DEVICE_FAULT, device=HOSTILE, code=HOSTILE),
            identity=msgspec.structs.replace(evidence.identity, device=HOSTILE),
        ),
        decision=Decision(verdict=Verdict.REFUSE, reasons=(Reason.FACE_DIFFERS,), rules_version=1),
    )
    paper = sender.seal("paper")
    sender.upload(paper)
    submission = sender.submission([paper], item=HOSTILE, name_masked=HOSTILE, number_masked=HOSTILE)
    submission = msgspec.structs.replace(
        submission,
        papers=tuple(msgspec.structs.replace(each, kind=HOSTILE, device=HOSTILE) for each in submission.papers),
    )
    assert [answer.fate for answer in sender.send(passage, submission)] == [Fate.STORED] * 2
    assert sender.http.post(routes.HEALTH, content=hostile_health(sender.enrolled.terminal)).status_code == 200
    where = f"{sender.enrolled.hall}/{sender.enrolled.terminal}"
    pages = {
        "/": "t-" + where.replace("/", "-"),
        "/passages": word("face_differs", language),
        "/submissions": word("number", language),
        f"/passages/{where}/{passage.id}": word("sealed", language),
        f"/submissions/{where}/{submission.id}": word("sealed", language),
    }
    for path, expected in pages.items():
        response = console.get(path, params={"lang": language.value})
        assert response.status_code == 200
        assert f'<html lang="{language.value}">' in response.text
        assert expected in response.text, path
        assert "<script>alert" not in response.text, path
        assert "<hx-partial" not in response.text, path
        assert "&lt;script&gt;alert" in response.text, path
        assert "script-src 'self'" in response.headers["content-security-policy"]
    assert "王小明" not in console.get(f"/passages/{where}/{passage.id}").text


def test_the_language_is_remembered(console: httpx.Client) -> None:
    assert "Overview" in console.get("/", params={"lang": "en"}).text
    assert "Overview" in console.get("/").text
    assert "总览" in console.get("/", params={"lang": "zh-Hans"}).text


def test_pages_that_do_not_exist(running: Running, console: httpx.Client) -> None:
    for path in ("/nothing", "/passages/weinan/gate-1/none", "/screens/weinan/none.png", "/submissions/a/b/c'--"):
        assert console.get(path).status_code == 404


def test_a_foreign_host_name_is_refused(console: httpx.Client) -> None:
    assert console.get("/", headers={"Host": "evil.example"}).status_code == 403


def test_summary(console: httpx.Client, terminal: Sender) -> None:
    before = console.get("/api/v1/console/summary").json()["counts"]
    terminal.send(terminal.passage())
    after = console.get("/api/v1/console/summary").json()["counts"]
    assert after["all_passages"] == before["all_passages"] + 1
    assert after["admit"] == before["admit"] + 1


def events(stream: httpx.Response) -> Iterator[dict[str, str]]:
    one: dict[str, str] = {}
    for line in stream.iter_lines():
        if not line and one:
            yield one
            one = {}
        elif line:
            field, _, value = line.partition(":")
            one[field] = one[field] + "\n" + value.strip() if field in one else value.strip()


def until(stream: httpx.Response, wanted: str) -> dict[str, str]:
    return next(event for event in events(stream) if wanted in event.get("data", ""))


def test_the_stream_resumes_from_the_event_table(running: Running, console: httpx.Client, terminal: Sender) -> None:
    first, missed = terminal.passage(name_masked="甲*一"), terminal.passage(name_masked="乙*二")
    with console.stream("GET", "/stream/passages", params={"after": "999999999"}) as stream:
        next(events(stream))
    position = running.rows("SELECT coalesce(max(position), 0) FROM event")[0][0]
    with console.stream("GET", "/stream/passages", params={"after": str(position)}) as stream:
        terminal.send(first)
        seen = until(stream, "甲*一")
    assert 'hx-swap="afterbegin"' in seen["data"]
    terminal.send(missed, terminal.ended(first))  # nobody listens
    with console.stream("GET", "/stream/passages", headers={"Last-Event-ID": seen["id"]}) as stream:
        resumed = until(stream, "乙*二")
    assert int(resumed["id"]) > int(seen["id"])
    assert 'hx-swap="outerHTML"' in resumed["data"]  # the end of the first one too


def test_a_gap_too_long_is_answered_with_the_whole_list(
    running: Running, console: httpx.Client, terminal: Sender
) -> None:
    position = running.rows("SELECT coalesce(max(position), 0) FROM event")[0][0]
    for _ in range(3):
        terminal.send(*(terminal.passage() for _ in range(135)))
    with console.stream("GET", "/stream/passages", headers={"Last-Event-ID": str(position)}) as stream:
        event = until(stream, "innerHTML")
    assert event["data"].count("<tr ") == 200


def test_the_overview_stream_tells_of_health(running: Running, console: httpx.Client) -> None:
    with console.stream("GET", "/stream/overview") as stream:
        sender = running.terminal()
        sender.http.post(routes.HEALTH, content=hostile_health(sender.enrolled.terminal))
        event = until(stream, f"t-{sender.enrolled.hall}-{sender.enrolled.terminal}")
    assert "&lt;script&gt;" in event["data"]
    assert "<script>" not in event["data"]


def test_the_lock_of_what_the_browser_takes() -> None:
    from hub.console.pages import STATIC

    root = STATIC.parent.parent.parent
    lock = json.loads((root / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
