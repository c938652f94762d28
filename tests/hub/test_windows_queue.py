"""Numbers at the windows and on the wall, over real HTTP: called, served, missed, passed on, by two at once."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hub.audit.chain import Actor, Who
from hub.fleet.enrolment import ensure_hall
from hub.office import board, windows
from hub.office.queue import LETTERS, QueueRefused, call_next, take_number
from kiosk.clock import local_date

Running = Any


def numbers(running: Running, hall: str, department: str, many: int) -> list[str]:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        ensure_hall(connection, hall, running.hub.now())
        return [take_number(connection, hall, department, None, running.hub.now()).text for _ in range(many)]


@pytest.fixture
def clerk(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True) as client:
        yield client


def sit_down(running: Running, clerk: httpx.Client, hall: str, counter: str, department: str = "tax") -> None:
    running.sign_in(clerk, "window", hall=hall, staff_id=f"at-{ord(counter[0])}")
    answer = clerk.post(f"/windows/{hall}/choose", data={"counter": counter, "department": department})
    assert answer.status_code == 200


def here(page: httpx.Response) -> str:
    found = re.search(r'class="ticket">([A-Z]\d{3})<', page.text)
    return "" if found is None else found[1]


def test_a_number_from_call_to_finish(running: Running, clerk: httpx.Client) -> None:
    hall = "q-one"
    first, second, third = numbers(running, hall, "tax", 3)
    sit_down(running, clerk, hall, "3号窗口")
    assert here(clerk.post(f"/windows/{hall}/next")) == first
    assert "已叫 2 次" in clerk.post(f"/windows/{hall}/numbers/{first}/again").text
    shown = httpx.get(f"{running.at.console}/board/{hall}", trust_env=False).text
    assert first in shown
    assert "3号窗口" in shown
    assert "2 人" in shown
    assert "办理中" in clerk.post(f"/windows/{hall}/numbers/{first}/serve").text
    assert clerk.post(f"/windows/{hall}/numbers/{first}/no_show").status_code == 409, "who sits there has come"
    assert here(clerk.post(f"/windows/{hall}/next")) == second, "and the first is finished with"
    assert "我今天办结 1 位" in clerk.post(f"/windows/{hall}/numbers/{second}/no_show").text
    shown = httpx.get(f"{running.at.console}/board/{hall}", trust_env=False).text
    assert second in shown[shown.index("过号") :]
    clerk.post(f"/windows/{hall}/numbers/{second}/back")
    assert here(clerk.post(f"/windows/{hall}/next")) == second, "before who came later"
    clerk.post(f"/windows/{hall}/numbers/{second}/finish")
    assert here(clerk.post(f"/windows/{hall}/next")) == third
    clerk.post(f"/windows/{hall}/numbers/{third}/finish")
    assert "没有人在等候" in clerk.post(f"/windows/{hall}/next").text
    for wrong in ("Z999", "A000", "AXXX", "'; DROP TABLE queue_number"):
        assert clerk.post(f"/windows/{hall}/numbers/{wrong}/serve").status_code == 409
    assert clerk.post(f"/windows/{hall}/numbers/{third}/steal").status_code == 404


def test_passed_on_keeps_the_time_of_coming(running: Running, clerk: httpx.Client) -> None:
    hall = "q-two"
    (early,) = numbers(running, hall, "tax", 1)
    numbers(running, hall, "social", 2)
    sit_down(running, clerk, hall, "1")
    clerk.post(f"/windows/{hall}/next")
    assert clerk.post(f"/windows/{hall}/numbers/{early}/pass_on", data={"to": "tax"}).status_code == 409
    assert here(clerk.post(f"/windows/{hall}/numbers/{early}/pass_on", data={"to": "social"})) == ""
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True) as other:
        sit_down(running, other, hall, "2", "social")
        assert here(other.post(f"/windows/{hall}/next")) == early
        assert clerk.post(f"/windows/{hall}/numbers/{early}/serve").status_code == 409, "it is at another window"


def test_the_expected_wait_is_what_serving_took(running: Running) -> None:
    hall, now = "q-three", running.hub.now()
    numbers(running, hall, "tax", 8)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        for minute, counter in enumerate(("1", "2")):
            at = now + timedelta(minutes=minute)
            text = call_next(connection, hall, "tax", counter, at, "w01")
            windows.act(connection, hall, text, counter, windows.Act.SERVE, "w01", at)
            ended = at + timedelta(minutes=10)
            windows.act(connection, hall, text, counter, windows.Act.FINISH, "w01", ended)
        (tax,) = windows.waiting(connection, hall, now + timedelta(minutes=12))
        assert (tax.waiting, tax.windows, tax.each) == (6, 2, timedelta(minutes=10))
        assert tax.minutes == 30
        assert timedelta(minutes=11) < tax.longest <= timedelta(minutes=12)


def test_two_windows_never_call_the_same_number(running: Running) -> None:
    hall = "q-four"
    numbers(running, hall, "tax", 30)
    clients = []
    for counter in ("1", "2", "3"):
        client = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30, follow_redirects=True)
        running.clients.append(client)
        sit_down(running, client, hall, counter)
        clients.append(client)

    def work(client: httpx.Client) -> list[str]:
        return [here(client.post(f"/windows/{hall}/next")) for _ in range(4)]

    with ThreadPoolExecutor(3) as pool:
        told = [number for each in pool.map(work, clients) for number in each]
    assert len(set(told)) == 12


def test_pressed_twice_it_calls_once(running: Running, clerk: httpx.Client) -> None:
    hall = "q-twice"
    first, second, _third = numbers(running, hall, "tax", 3)
    sit_down(running, clerk, hall, "1")

    def press(at: str) -> httpx.Response:
        return clerk.post(f"/windows/{hall}/next", data={"here": at})

    with ThreadPoolExecutor(4) as pool:
        assert [here(page) for page in pool.map(press, ["", "", "", ""])] == [first] * 4
        assert [here(page) for page in pool.map(press, [first] * 4)] == [second] * 4
    assert f'name="here" value="{second}"' in clerk.get(f"/windows/{hall}").text
    clerk.post(f"/windows/{hall}/numbers/{second}/finish")
    late = press(second)
    assert late.status_code == 409, "finished in another tab: who presses sees how it stands, and nobody is called"
    assert here(late) == ""


def test_the_wall_shows_notices_and_chosen_results_only(running: Running, clerk: httpx.Client) -> None:
    hall, now = "q-five", running.hub.now()
    numbers(running, hall, "tax", 1)
    running.sign_in(clerk, "supervisor", hall=hall, staff_id="chief")
    today = local_date(now)
    good = {"do": "add", "words": "<b>周六</b> 照常办公", "from": str(today), "to": str(today)}
    assert clerk.post(f"/windows/{hall}/wall", data=good).status_code == 200
    assert clerk.post(f"/windows/{hall}/wall", data={**good, "to": str(today - timedelta(days=1))}).status_code == 422
    assert clerk.post(f"/windows/{hall}/wall", data={**good, "words": " "}).status_code == 422
    assert clerk.post(f"/windows/{hall}/wall", data={**good, "words": "长" * 201}).status_code == 422
    later = {**good, "words": "明天的", "from": str(today + timedelta(days=1)), "to": str(today + timedelta(days=2))}
    assert clerk.post(f"/windows/{hall}/wall", data=later).status_code == 200
    shown = httpx.get(f"{running.at.console}/board/{hall}", trust_env=False).text
    assert "&lt;b&gt;周六&lt;/b&gt; 照常办公" in shown
    assert "明天的" not in shown
    number = running.rows("SELECT min(number) FROM board_notice WHERE hall = ?", hall)[0][0]
    clerk.post(f"/windows/{hall}/wall", data={"do": "end", "number": str(number)})
    assert "照常办公" not in httpx.get(f"{running.at.console}/board/{hall}", trust_env=False).text
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        assert board.public_results(connection, hall, now) == []
        board.set_public_items(connection, hall, ["no-such-item"], Who(Actor.SUPERVISOR, hall, "chief"), now)
        assert board.public_items(connection, hall) == frozenset()


def test_the_board_of_a_hall_that_is_not(running: Running) -> None:
    assert httpx.get(f"{running.at.console}/board/nowhere", trust_env=False).status_code == 404


def test_who_was_passed_on_takes_no_letter_along(running: Running) -> None:
    hall, now = "q-letters", running.hub.now()
    first, _ = numbers(running, hall, "tax", 2)
    (there,) = numbers(running, hall, "social", 1)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        call_next(connection, hall, "tax", "1", now)
        windows.act(connection, hall, first, "1", windows.Act.PASS_ON, "w01", now, "social")
        for minute in (1, 2):
            at = now + timedelta(minutes=minute)
            told = take_number(connection, hall, "social", "p" * 64, at)
            assert (told.text[0], told.ahead) == (there[0], 2), "the one that was passed on is before them, too"
        assert take_number(connection, hall, "tax", None, now + timedelta(minutes=3)).ahead == 1


def test_letters_of_departments_that_are_no_more_are_given_again(running: Running) -> None:
    hall, now = "q-old", running.hub.now()
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        ensure_hall(connection, hall, now)
        for age in range(30):
            at = now - timedelta(days=40 - age)
            take_number(connection, hall, f"old-{age}", None, at)
        today = {take_number(connection, hall, f"new-{place}", None, now).text[0] for place in range(len(LETTERS))}
        assert len(today) == len(LETTERS)
        with pytest.raises(QueueRefused):
            take_number(connection, hall, "one too many", None, now)
        assert take_number(connection, hall, "new-3", None, now).text[1:] == "002"
