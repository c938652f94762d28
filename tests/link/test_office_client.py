"""The office as a desk asks it: an answer within its time, or *line down* as a value."""

from collections.abc import Callable

import anyio
import msgspec
import pytest
import uuid6

from kiosk.clock import WallClock
from kiosk.link.client import HubAway, HubRefused
from kiosk.link.office import Office, who_asks
from kiosk.wire import routes
from kiosk.wire.events import Person
from kiosk.wire.progress import Mine, WhoAsks
from kiosk.wire.requests import LineDown, NotDone, Numbered, Request, TakeNumber
from kiosk.wire.sealing import new_identity, unseal

WHO = WhoAsks(person="0" * 64)


class Hub:
    """Answers as it is told, one after the other."""

    def __init__(self, *answers: bytes | Exception, slow: float = 0) -> None:
        self.answers, self.slow = list(answers), slow
        self.asked: list[tuple[str, str, bytes | None]] = []

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        self.asked.append((method, path, content))
        await anyio.sleep(self.slow)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def asked(office: Office, work: Callable[[Office], object]) -> object:
    async def run() -> object:
        return await work(office)  # type: ignore[misc]  a coroutine

    return anyio.run(run)


def wish() -> Request:
    return Request(id=uuid6.uuid7(), made=WallClock().now(), ask=TakeNumber())


def number() -> bytes:
    return msgspec.json.encode(Numbered(text="A001", department="", ahead=0, made=WallClock().now()))


def test_a_connection_that_was_cut_is_made_anew_with_the_same_request() -> None:
    hub = Hub(HubAway("cut"), number())
    request = wish()
    answer = asked(Office(hub), lambda office: office.request(request))
    assert isinstance(answer, Numbered)
    assert hub.asked == [("POST", routes.OFFICE_REQUESTS, msgspec.json.encode(request))] * 2


def test_the_line_is_down() -> None:
    hub = Hub(HubAway("no route"))
    assert asked(Office(hub), lambda office: office.mine(WHO)) == LineDown(detail="no route")
    assert len(hub.asked) == 3


def test_a_hub_that_never_answers_is_given_up_in_time() -> None:
    answer = asked(Office(Hub(b"", slow=60), within=0.1), lambda office: office.mine(WHO))
    assert answer == LineDown(detail="no answer in time")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (HubRefused(409, "full", "no seats"), NotDone(kind="full", detail="no seats")),
        (HubRefused(404, "no_such_submission", "none"), NotDone(kind="no_such_submission", detail="none")),
        (HubRefused(401, "certificate-expired", "x"), LineDown(detail="401 certificate-expired: x", refused=True)),
        (HubRefused(409, "wire-version", "x"), LineDown(detail="409 wire-version: x", refused=True)),
    ],
)
def test_a_refusal_is_told_and_not_asked_again(error: HubRefused, expected: object) -> None:
    hub = Hub(error)
    assert asked(Office(hub), lambda office: office.request(wish())) == expected
    assert len(hub.asked) == 1


@pytest.mark.parametrize("garbage", [b"", b"<html>", b'{"type": "something_new"}'])
def test_an_answer_that_cannot_be_read_is_none(garbage: bytes) -> None:
    for work in (lambda office: office.mine(WHO), lambda office: office.request(wish())):
        answer = asked(Office(Hub(garbage)), work)
        assert isinstance(answer, LineDown)
    assert isinstance(asked(Office(Hub(garbage)), lambda office: office.result(WHO, "1" * 14)), LineDown)


def test_a_result_is_a_pdf() -> None:
    assert asked(Office(Hub(b"%PDF-1.7")), lambda office: office.result(WHO, "1" * 14)) == b"%PDF-1.7"


def test_what_is_mine_is_read() -> None:
    mine = Mine(made=WallClock().now(), submissions=())
    assert asked(Office(Hub(msgspec.json.encode(mine))), lambda office: office.mine(WHO)) == mine


def test_the_number_travels_sealed() -> None:
    identity, recipient = new_identity()
    person = Person(name="王小明", number="110101199003070011", document="resident")
    who = who_asks("0" * 64, person, recipient)
    assert b"110101199003070011" not in msgspec.json.encode(who)
    assert msgspec.json.decode(unseal(who.number_sealed, identity), type=Person) == person
