"""The desk's other services with the real client and a real hub over HTTP: what a person asks is what the hub does."""

from datetime import timedelta
from typing import Any

import anyio
import msgspec
import pytest
import uuid6

from hub.people.slots import open_slots
from kiosk.clock import WallClock, local_date
from kiosk.desk.afterwards_parts import Afterwards, OfficeLine
from kiosk.link.client import HubAway, HubRefused
from kiosk.link.office import Office, who_asks
from kiosk.wire.events import Fate, Opinion, OpinionKind, OpinionWords
from kiosk.wire.progress import Mine, Standing
from kiosk.wire.requests import (
    Appointed,
    Book,
    Cancel,
    Changed,
    LineDown,
    Numbered,
    Request,
    Slots,
    TakeNumber,
    Withdraw,
)
from tests.hub.office_world import Citizen, World

Running = Any


class OverHttp:
    """`HubClient.exchange` over the test's own connection."""

    def __init__(self, http: Any) -> None:
        self.http, self.cut = http, 0

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        answer = await anyio.to_thread.run_sync(lambda: self.http.request(method, path, content=content))
        self.cut -= 1
        if self.cut >= 0:
            raise HubAway("the answer was lost")
        if answer.status_code >= 400:
            problem = msgspec.json.decode(answer.content)
            kind = str(problem["type"]).rpartition(":")[2]
            raise HubRefused(answer.status_code, kind, str(problem.get("detail", "")))
        return bytes(answer.content)


@pytest.fixture(scope="module")
def world(running: Running) -> World:
    return World(running)


@pytest.fixture(scope="module")
def desk(running: Running, world: World) -> Any:
    terminal = running.terminal("desk", "hall-after")
    world.staff("hall-after")
    return terminal


def test_everything_the_desk_asks_is_answered_by_the_hub(world: World, desk: Any) -> None:
    citizen = Citizen(desk)
    number = citizen.hand_in().number
    now = WallClock().now()
    tomorrow = local_date(now) + timedelta(days=1)
    world.write(lambda connection: open_slots(connection, "hall-after", "social", [tomorrow], [10], 2))
    line = OverHttp(desk.http)
    office: OfficeLine = Office(line)
    assert Afterwards.__dataclass_fields__["office"].type  # what is used below is what the desk is given
    who = who_asks(citizen.person, desk.person(), desk.enrolled.hub_recipient)

    async def ask(wish: Any) -> Any:
        return await office.request(Request(id=uuid6.uuid7(), made=now, ask=wish))

    async def all_of_it() -> None:
        mine = await office.mine(who)
        assert isinstance(mine, Mine)
        assert number in {one.number for one in mine.submissions}
        slots = await office.slots("social", local_date(now), 14)
        assert isinstance(slots, Slots)
        (slot,) = slots.slots
        assert slot.free == 2
        line.cut = 1  # it was done, and the answer got lost: the client asks again with the same id
        made = await ask(Book(who=who, department="social", begins=slot.begins))
        assert isinstance(made, Appointed)
        slots = await office.slots("social", local_date(now), 14)
        assert isinstance(slots, Slots)
        assert slots.slots[0].free == 1  # booked once
        taken = await ask(TakeNumber(department="social"))
        assert isinstance(taken, Numbered)
        gone = await ask(Cancel(who=who, code_id=made.appointment.code_id, seen=made.change))
        assert isinstance(gone, Appointed)
        changed = await ask(Withdraw(who=who, number=number))
        assert isinstance(changed, Changed)
        assert changed.standing is Standing.WITHDRAWN
        line.cut = 99
        assert isinstance(await office.mine(who), LineDown)

    anyio.run(all_of_it)


def test_an_opinion_as_the_desk_makes_it_is_taken_and_comes_back_to_who_gave_it(desk: Any) -> None:
    citizen = Citizen(desk)
    spoken = OpinionWords(text="等了两个小时", phone="")
    made = Opinion(
        id=uuid6.uuid7(), kind=OpinionKind.COMPLAINT, code="K7QM2VTR", at=WallClock().now(), person=citizen.person,
        name_masked="王*明", reasons=("waiting", "manner"), words_sealed=desk.seal(spoken),
    )  # fmt: skip
    assert [answer.fate for answer in desk.send(made)] == [Fate.STORED]
    assert "K7QM2VTR" in {one.code for one in citizen.mine().opinions}
