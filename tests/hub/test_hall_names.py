"""A hall has a name that people know: over its display and on the console's pages; colleagues have theirs."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub.audit.chain import Actor, Who
from hub.console.names import Names
from hub.people.halls import NAME_MOST, NameRefused, hall_names, name_hall

Running = Any
HALL = "weinan"
NAME = "渭南市政务服务中心"
SOON = 60
"""Seconds; generous: other tests run beside."""


@pytest.fixture
def chief(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=60) as client:
        running.sign_in(client, "supervisor", hall=HALL, staff_id="s7", name="赵敏")
        yield client


def said(chief: httpx.Client, name: str) -> httpx.Response:
    return chief.post(f"/windows/{HALL}/wall", data={"do": "name", "name": name})


def test_the_supervisor_names_the_hall_and_everybody_sees_it(running: Running, chief: httpx.Client) -> None:
    running.terminal()
    assert said(chief, "").status_code == 303
    board = chief.get(f"/board/{HALL}").text
    assert "<h1>政务服务大厅</h1>" in board  # nobody in a hall knows its key
    assert said(chief, f"  {NAME} ").status_code == 303
    for path in (f"/board/{HALL}", "/", f"/windows/{HALL}", f"/gate/{HALL}", "/figures", "/me"):
        assert NAME in chief.get(path).text, path
    assert (
        running.rows("SELECT detail FROM audit WHERE what = 'hall_named' ORDER BY position DESC")[0][0].count(NAME) == 1
    )


def test_a_name_too_long_is_kept_to_be_shortened(running: Running, chief: httpx.Client) -> None:
    assert said(chief, NAME).status_code == 303
    long = "很" * (NAME_MOST + 1)
    answer = said(chief, long)
    assert answer.status_code == 422
    assert "大厅名称最多 30 字" in answer.text
    assert f'value="{long}"' in answer.text
    with running.hub.engine.connect() as connection:
        assert hall_names(connection)[HALL] == NAME


def test_only_the_halls_own_supervisor_names_it(running: Running, chief: httpx.Client) -> None:
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        with pytest.raises(NameRefused) as refused:
            name_hall(connection, "nowhere", NAME, Who(Actor.OPERATOR), running.hub.now())
        assert refused.value.kind == "no_such"
    running.sign_in(chief, "window", hall=HALL, staff_id="w7")
    assert said(chief, "x").status_code == 403
    running.sign_in(chief, "supervisor", hall="huazhou", staff_id="s8")
    assert said(chief, "x").status_code == 403


def test_a_name_given_beside_the_hub_is_seen_soon(running: Running, chief: httpx.Client) -> None:
    assert said(chief, NAME).status_code == 303
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        name_hall(connection, HALL, "临渭区便民中心", Who(Actor.OPERATOR), running.hub.now())
    until = time.monotonic() + SOON
    while "临渭区便民中心" not in chief.get("/me").text:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_colleagues_by_name_and_id() -> None:
    names = Names()
    names._people = {("weinan", "s7"): "赵敏", ("", "adm"): "孙管", ("huazhou", "b01"): "李强"}
    assert names.person("s7", "weinan") == "赵敏 · s7"
    assert names.person("*/adm", "weinan") == "孙管 · adm"
    assert names.person("huazhou/b01", "weinan") == "李强 · b01"
    assert names.person("desk-5", "weinan") == "desk-5"
    assert names.hall("weinan") == "weinan"
