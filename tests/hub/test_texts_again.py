"""Messages that were given up and are sent again: each once, also where two press at once; and numbers taken back."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from drivers.simulate.signed_service import ServiceFault
from drivers.simulate.text_gateway import TextGatewayServer
from hub.audit.chain import Actor, Who
from hub.audit.verify import verify
from hub.office import staff_steps
from hub.office.alarms import OfficeAlarm, raise_once
from hub.people.forgetting import stop_texts
from hub.store import schema
from hub.texts import again
from hub.texts.contacts import About, take_back
from hub.texts.outbox import State
from tests.hub.text_world import Office, anyio_backend, office, office_on, ready, server

__all__ = ["anyio_backend", "office", "ready", "server"]
pytestmark = pytest.mark.anyio
CHIEF = Who(Actor.SUPERVISOR, "a", "s01")


def given_up(office: Office, many: int, why: str = "HTTP 503") -> list[str]:
    """Receipts' numbers of submissions whose message was given up."""
    numbers = [office.hand_in().number for _ in range(many)]
    for number in numbers:
        office.step(staff_steps.accept, office.record(number))
    table = schema.text_message
    dead = {"state": State.DEAD.value, "next_try": None, "tries": 90, "error": why}
    office.write(lambda c: c.execute(update(table).where(table.c.subject.in_(numbers)).values(dead)))
    return numbers


def audited(office: Office) -> list[str]:
    table = schema.audit
    query = select(table.c.subject).where(table.c.what == "texts_again").order_by(table.c.position)
    return list(office.read(lambda c: c.scalars(query).all()))


async def test_one_and_all_of_a_reason_go_out_once(office: Office, tmp_path: Path) -> None:
    first, second, third = given_up(office, 3)
    (other,) = given_up(office, 1, "no gateway in texts.toml")
    now = office.clock.now()
    office.write(lambda c: raise_once(c, OfficeAlarm.TEXT_DEAD, "a", "2026-11-02", now))
    assert office.read(lambda c: again.reasons(c, "a")) == [
        again.Reason("HTTP 503", 3),
        again.Reason("no gateway in texts.toml", 1),
    ]
    assert office.read(lambda c: again.reasons(c, "b")) == []
    number = office.rows(schema.text_message)[0].number
    assert office.write(lambda c: again.one_again(c, "b", number, CHIEF, now)) == 0, "another hall's"
    assert office.write(lambda c: again.one_again(c, "a", number, CHIEF, now)) == 1
    assert office.write(lambda c: again.one_again(c, "a", number, CHIEF, now)) == 0, "pressed again"
    assert office.write(lambda c: again.of_reason_again(c, "a", "HTTP 503", CHIEF, now)) == 2
    assert office.rows(schema.office_alarm)[0].cleared is None, "one is given up still"
    assert office.write(lambda c: again.of_reason_again(c, "a", "no gateway in texts.toml", CHIEF, now)) == 1
    assert office.rows(schema.office_alarm)[0].cleared == now
    assert audited(office) == [first, second, third, other]
    with TextGatewayServer(now=office.clock.seconds) as gateway:
        office.configure(gateway)
        gateway.fail(ServiceFault.DEAF, 1)  # what was taken before its answer was lost does not go out twice
        for _ in range(6):
            await office.look()
            office.clock.on(seconds=40)
        assert len(gateway.sent) == 4
    assert {row.state for row in office.rows(schema.text_message)} == {"sent"}
    key = b"k" * 32
    assert not office.read(lambda c: verify(c, tmp_path / "no.anchors", key)).problems


async def test_a_day_begins_anew_for_what_is_sent_again(office: Office) -> None:
    given_up(office, 1)
    office.clock.on(days=3)
    office.write(lambda c: again.of_reason_again(c, "a", "HTTP 503", CHIEF, office.clock.now()))
    with TextGatewayServer(now=office.clock.seconds) as gateway:
        office.configure(gateway)
        gateway.fail(ServiceFault.ERROR, 1)
        await office.look()
        assert office.rows(schema.text_message)[0].state == "waiting", "not given up at the first try"


def test_what_nobody_wants_any_more_does_not_go_again(office: Office) -> None:
    back, bad, called, good = given_up(office, 4)
    now, message, contact = office.clock.now(), schema.text_message, schema.text_contact
    office.write(lambda c: take_back(c, About.SUBMISSION, back, CHIEF, now))
    office.write(lambda c: c.execute(update(contact).where(contact.c.subject == bad).values(bad="bad_number")))
    office.write(lambda c: c.execute(update(message).where(message.c.subject == called).values(what="called")))
    numbers = {row.subject: row.number for row in office.rows(message)}
    may = office.read(lambda c: again.sendable(c, "a", list(numbers.values())))
    assert may == {numbers[good]}
    for number in (numbers[back], numbers[bad], numbers[called], 10**9):
        assert office.write(lambda c, n=number: again.one_again(c, "a", n, CHIEF, now)) == 0
    assert office.write(lambda c: again.of_reason_again(c, "a", "HTTP 503", CHIEF, now)) == 1
    assert office.write(lambda c: again.of_reason_again(c, "a", "'; DROP TABLE text_message", CHIEF, now)) == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_press_at_once(kind: str, tmp_path: Path, request: Any) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("server").url
    office = office_on(url, tmp_path)
    numbers = given_up(office, 12)
    ready, done = threading.Barrier(3), list[int]()

    def press() -> None:
        ready.wait(timeout=30)
        done.append(office.write(lambda c: again.of_reason_again(c, "a", "HTTP 503", CHIEF, office.clock.now())))

    people = [threading.Thread(target=press) for _ in range(3)]
    for each in people:
        each.start()
    for each in people:
        each.join(timeout=50)
    assert sum(done) == 12, done
    assert sorted(audited(office)) == sorted(numbers)
    office.engine.dispose()


def test_a_person_takes_all_numbers_back_and_nothing_else_changes(office: Office) -> None:
    first, second = office.hand_in(), office.hand_in()
    office.step(staff_steps.accept, first)
    now: datetime = office.clock.now()
    digests = {"a": "1" * 64}
    assert office.write(lambda c: stop_texts(c, digests, CHIEF, now)) == 2
    assert office.write(lambda c: stop_texts(c, digests, CHIEF, now)) == 0
    assert {row.locked for row in office.rows(schema.text_contact)} == {""}
    assert {row.state for row in office.rows(schema.text_message)} == {"dropped"}
    kept = office.read(lambda c: c.execute(select(schema.submission.c.person, schema.submission.c.name_masked)).all())
    assert {tuple(row) for row in kept} == {("1" * 64, "王*明")}
    assert office.record(second.number).standing is second.standing
