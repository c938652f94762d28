"""Messages to citizens: what is a number, what they say, and that each goes out once, whatever breaks."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import select

from drivers.simulate.signed_service import ServiceFault
from drivers.simulate.text_gateway import SentText, TextGatewayServer
from hub.audit.verify import verify
from hub.office import staff_steps
from hub.office.days import sweep
from hub.office.staff_steps import Ask
from hub.people.everything import everything_of
from hub.people.forgetting import erase, sweep_kept
from hub.people.locked_away import taken_out
from hub.store import schema
from hub.texts.contacts import About, found, queue_subject, take_back
from hub.texts.outbox import State, tell_appointment, write
from hub.texts.tasks import Texts
from hub.texts.templates import TEMPLATES, What
from kiosk.clock import CHINA
from kiosk.wire.progress import Part
from kiosk.wire.texts import CONSENT
from tests.hub.text_world import BACK as BACK_AT_A
from tests.hub.text_world import MORNING, PHONE, WINDOW, Office, anyio_backend, office, office_on, ready, server

__all__ = ["anyio_backend", "office", "ready", "server"]

pytestmark = pytest.mark.anyio
KINDS = ("sqlite", "postgresql")


@pytest.fixture
def gateway(office: Office) -> Iterator[TextGatewayServer]:
    with TextGatewayServer(now=office.clock.seconds) as server:
        office.configure(server)
        yield server


def in_order(gateway: TextGatewayServer) -> list[SentText]:
    """By receipt's number: what goes to several people goes side by side."""
    return sorted(gateway.sent.values(), key=lambda sent: "".join(re.findall(r"0000970[0-9]+", sent.text)))


# Sending -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_the_whole_way_of_a_submission_is_told_once_each(kind: str, tmp_path: Path, request: Any) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("server").url
    office = office_on(url, tmp_path)
    with TextGatewayServer(now=office.clock.seconds) as gateway:
        office.configure(gateway)
        silent, record = office.hand_in(phone=""), office.hand_in()
        english = office.hand_in("+12025550111", language="en")
        asks = [Ask(Part.OTHER, "", "请补交章程"), Ask(Part.ANSWER, "name", "名称与执照不符")]
        for each in (silent, record, english):
            office.step(staff_steps.return_for_correction, each, asks)
        for _ in range(3):
            await office.look()
            office.clock.on(seconds=1)
        due = office.record(record.number).asked_due
        assert due is not None
        assert [(each.to, each.text, each.asked) for each in in_order(gateway)] == [
            (
                PHONE,
                f"【政务大厅】办件{record.number}需补正2项，{due.month}月{due.day}日前交。请到自助机或窗口查看。",
                1,
            ),
            ("+12025550111", f"【政务大厅】{english.number}: 2 to correct by {due:%m-%d}. See a desk.", 1),
        ]
        assert not any("章程" in each.text or "名称" in each.text for each in gateway.sent.values())
        (first, second) = office.rows(schema.text_message)
        assert (first.state, first.parts, first.tries) == (State.SENT.value, 1, 1)
        assert second.template == max(TEMPLATES)
        (contact, _) = office.rows(schema.text_contact)
        assert PHONE[3:] not in json.dumps([str(value) for value in contact])
        assert (contact.masked, contact.consent) == ("138****0011", CONSENT)
        assert taken_out(contact.locked, office.identity).decode() == PHONE
        assert office.read(verify).problems == ()
    office.engine.dispose()


async def test_acceptance_decision_result_and_parcel(office: Office, gateway: TextGatewayServer) -> None:
    accepted, deemed, refused = office.hand_in(), office.hand_in(), office.hand_in()
    office.step(staff_steps.accept, accepted)
    office.step(staff_steps.reject, refused, "不属于本厅")
    office.clock.on(days=8)
    office.write(lambda connection: sweep(connection, office.clock.now()))
    await office.look()
    told = [each.text for each in in_order(gateway)]
    assert len(told) == 3
    assert f"办件{accepted.number}已受理" in told[0]
    assert f"办件{deemed.number}逾期未答复，视为受理" in told[1]
    assert f"办件{refused.number}未予受理" in told[2]
    assert "不属于" not in told[2]
    assert office.record(deemed.number).accepted is not None


async def test_a_night_and_who_waits_in_the_hall(office: Office, gateway: TextGatewayServer) -> None:
    record = office.hand_in()
    office.clock.at = datetime(2026, 11, 2, 21, 30, tzinfo=CHINA)
    office.step(staff_steps.accept, record)
    subject = queue_subject("a", date(2026, 11, 2), "A012")
    office.leave(About.QUEUE, subject)
    office.write(lambda c: write(c, About.QUEUE, subject, What.CALLED, "1", office.clock.now(), count="2"))
    await office.look()
    assert [each.text for each in gateway.sent.values()] == ["【政务大厅】A012号快到了，前面还有2位，请到大厅等候。"]
    office.clock.at = datetime(2026, 11, 3, 7, 59, tzinfo=CHINA)
    await office.look()
    assert len(gateway.sent) == 1
    office.clock.on(minutes=1)
    await office.look()
    assert len(gateway.sent) == 2


async def test_a_number_that_was_called_long_ago_is_not_told(office: Office, gateway: TextGatewayServer) -> None:
    subject = queue_subject("a", date(2026, 11, 2), "A012")
    office.leave(About.QUEUE, subject)
    office.write(lambda c: write(c, About.QUEUE, subject, What.CALLED, "1", office.clock.now(), count="2"))
    office.clock.on(minutes=21)
    await office.look()
    assert not gateway.sent
    (message,) = office.rows(schema.text_message)
    assert (message.state, message.error, message.next_try) == ("dropped", "too_late", None)


async def test_an_hour_without_the_gateway(office: Office, gateway: TextGatewayServer) -> None:
    office.step(staff_steps.accept, office.hand_in())
    gateway.fail(ServiceFault.ERROR)
    until = office.clock.at + timedelta(hours=1)
    while office.clock.at < until:
        await office.look()
        office.clock.on(seconds=30)
    tries = len(gateway.asked)
    assert 5 <= tries <= 20  # it backs off
    gateway.mend()
    office.clock.on(minutes=10)
    await office.look()
    await office.look()
    assert len(gateway.sent) == 1
    (message,) = office.rows(schema.text_message)
    assert (message.state, message.tries, message.error) == ("sent", tries + 1, "")


@pytest.mark.parametrize("fault", [ServiceFault.DEAF, ServiceFault.GARBAGE])
async def test_an_answer_that_is_lost_sends_nothing_twice(
    office: Office, gateway: TextGatewayServer, fault: ServiceFault
) -> None:
    office.step(staff_steps.accept, office.hand_in())
    gateway.fail(fault, 2)
    for _ in range(4):
        await office.look()
        office.clock.on(seconds=30)
    (sent,) = gateway.sent.values()
    assert sent.asked == (3 if fault is ServiceFault.DEAF else 1)
    assert office.rows(schema.text_message)[0].state == "sent"


_KILLED = """
import os, signal, sys
from pathlib import Path
import anyio
from sqlalchemy import select
from hub.store.engine import open_engine
from tests.hub.text_world import Office, Hour
import tests.hub.text_world as world
import hub.texts.tasks as tasks

office = Office(open_engine(sys.argv[1]), Path(sys.argv[2]))
office.identity = sys.argv[3]
office.clock = Hour(world.datetime.fromisoformat(sys.argv[4]))
tasks.note = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # the answer has come, and is not written down
anyio.run(office.look)
"""


async def test_killed_between_sending_and_noting(office: Office, gateway: TextGatewayServer, tmp_path: Path) -> None:
    office.step(staff_steps.accept, office.hand_in())
    root = Path(__file__).parents[2]
    given = [f"sqlite:///{tmp_path / 'hub.db'}", str(tmp_path), office.identity, office.clock.at.isoformat()]
    for _ in range(2):
        killed = subprocess.run([sys.executable, "-c", _KILLED, *given], cwd=root, check=False, capture_output=True)
        assert killed.returncode == -9, killed.stderr.decode()
    assert office.rows(schema.text_message)[0].state == "waiting"
    await office.look()
    (sent,) = gateway.sent.values()
    assert sent.asked == 3
    assert office.rows(schema.text_message)[0].state == "sent"


async def test_dead_after_a_day_with_an_alarm(office: Office, gateway: TextGatewayServer) -> None:
    for _ in range(2):
        office.step(staff_steps.accept, office.hand_in())
    gateway.fail(ServiceFault.ERROR)
    for _ in range(300):
        await office.look()
        office.clock.on(minutes=10)
    assert {row.state for row in office.rows(schema.text_message)} == {"dead"}
    (alarm,) = office.rows(schema.office_alarm)
    assert (alarm.kind, alarm.hall, alarm.level) == ("text_dead", "a", 1)
    (notice,) = [row for row in office.rows(schema.notice) if row.kind == "texts"]
    assert notice.detail == "text_dead"


async def test_without_a_gateway_messages_wait_and_are_told_of(office: Office) -> None:
    office.step(staff_steps.accept, office.hand_in())
    for _ in range(150):
        await office.look()
        office.clock.on(minutes=10)
    assert office.rows(schema.text_message)[0].state == "dead"
    assert office.rows(schema.office_alarm)[0].kind == "text_dead"


@pytest.mark.parametrize("why", ["bad_number", "opted_out"])
async def test_a_number_where_nothing_arrives(office: Office, gateway: TextGatewayServer, why: str) -> None:
    (gateway.unknown if why == "bad_number" else gateway.opted_out).add(PHONE)
    record = office.hand_in()
    office.step(staff_steps.accept, record)
    await office.look()
    (message,) = office.rows(schema.text_message)
    assert (message.state, message.error) == ("failed", why)
    contact = office.read(lambda connection: found(connection, About.SUBMISSION, record.number))
    assert contact is not None
    assert contact.bad == why
    assert not contact.wants
    office.step(staff_steps.extend, record, "需要实地核查", who=BACK_AT_A)
    assert len(office.rows(schema.text_message)) == 1


async def test_not_more_than_a_day_may_cost(office: Office, gateway: TextGatewayServer) -> None:
    office.configure(gateway, a_day=2)
    for _ in range(4):
        office.step(staff_steps.accept, office.hand_in())
    for _ in range(3):
        await office.look()
        office.clock.on(hours=1)
    assert len(gateway.sent) == 2
    (alarm,) = office.rows(schema.office_alarm)
    assert (alarm.kind, alarm.hall, alarm.subject) == ("text_limit", "", "2026-11-02")
    office.clock.at = datetime(2026, 11, 3, 8, tzinfo=CHINA)
    await office.look()
    assert len(gateway.sent) == 4


async def test_taken_back_at_once_and_for_good(office: Office, gateway: TextGatewayServer) -> None:
    record = office.hand_in()
    office.step(staff_steps.accept, record)
    assert office.write(lambda c: take_back(c, About.SUBMISSION, record.number, WINDOW, office.clock.now()))
    assert not office.write(lambda c: take_back(c, About.SUBMISSION, record.number, WINDOW, office.clock.now()))
    await office.look()
    office.step(staff_steps.extend, record, "需要实地核查", who=BACK_AT_A)
    await office.look()
    assert not gateway.sent
    (contact,) = office.rows(schema.text_contact)
    assert (contact.locked, contact.masked) == ("", "")
    event = json.loads(office.read(lambda c: c.scalar(select(schema.event.c.body))) or "")["event"]
    assert event["texts_sealed"] == ""
    assert event["content_sealed"]


async def test_numbers_go_when_their_matter_is_over(office: Office, gateway: TextGatewayServer) -> None:
    done, open_one = office.hand_in(), office.hand_in()
    office.step(staff_steps.reject, done, "不属于本厅")
    office.leave(About.QUEUE, queue_subject("a", date(2026, 11, 2), "A012"))
    await office.look()
    office.clock.on(days=29)
    assert office.write(lambda c: sweep_kept(c, office.clock.now()))[0] == {}
    office.clock.on(days=2)
    assert office.write(lambda c: sweep_kept(c, office.clock.now()))[0]["texts"] == 2
    kept = {row.subject: bool(row.locked) for row in office.rows(schema.text_contact)}
    assert kept[done.number] is False
    assert kept[open_one.number] is True
    (sent,) = gateway.sent.values()
    assert done.number in sent.text


async def test_a_person_reads_and_erases_their_number(office: Office) -> None:
    record = office.hand_in()
    mine = office.read(lambda c: everything_of(c, {"a": "1" * 64}, office.identity))["texts"]
    assert [(each["subject"], each["phone"], each["consent"]) for each in mine] == [(record.number, PHONE, CONSENT)]
    office.write(lambda c: erase(c, {"a": "1" * 64}, WINDOW, "7", office.clock.now()))
    assert office.rows(schema.text_contact)[0].locked == ""
    assert office.read(lambda c: everything_of(c, {"a": "1" * 64}, office.identity))["texts"] == []


async def test_an_appointment_that_the_hall_changes(office: Office, gateway: TextGatewayServer) -> None:
    office.leave(About.APPOINTMENT, "ABCDEFGH")
    begins = datetime(2026, 11, 5, 2, tzinfo=UTC)
    for change, what in enumerate((What.BOOKED, What.MOVED, What.MOVED, What.CANCELLED)):
        for _ in range(2):  # the same change twice is one message
            office.write(lambda c, w=what, n=change: tell_appointment(c, "ABCDEFGH", w, n, begins, office.clock.now()))
    await office.look()
    assert [each.text for each in gateway.sent.values()] == [
        "【政务大厅】已预约11月5日10:00，凭证号ABCDEFGH，请带身份证。",
        "【政务大厅】大厅把您的预约ABCDEFGH改到11月5日10:00，请带身份证。",
        "【政务大厅】大厅把您的预约ABCDEFGH改到11月5日10:00，请带身份证。",
        "【政务大厅】大厅取消了您11月5日10:00的预约ABCDEFGH，请重新预约。",
    ]


def test_monday() -> None:
    assert MORNING.astimezone(CHINA).isoweekday() == 1


async def test_two_processes_send_one_message(office: Office, gateway: TextGatewayServer) -> None:
    """Between two leaders, one of which does not know yet that it is none: the gateway sends one key once."""
    office.step(staff_steps.accept, office.hand_in())
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(office.look)
    (sent,) = gateway.sent.values()
    assert sent.asked in {1, 2}
    (message,) = office.rows(schema.text_message)
    assert (message.state, message.parts) == ("sent", 1)


async def test_a_file_with_a_mistake_keeps_the_settings_before(office: Office, gateway: TextGatewayServer) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:  # noqa: S501  the gateway speaks plainly
        texts = Texts(office.hub(), client)
        assert await texts.gateway() is not None
        (office.folder / "texts.toml").write_text("url =")
        office.step(staff_steps.accept, office.hand_in())
        await texts.look()
        assert len(gateway.sent) == 1
