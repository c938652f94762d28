"""Odd ways of the back office: what is reminded of, what was sent the wrong way, days that change on the way."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert, select

from hub.audit.chain import Actor, Who
from hub.audit.verify import verify
from hub.fleet.enrolment import ensure_hall
from hub.office import staff_steps
from hub.office.advance import OfficeRefused
from hub.office.alarms import acknowledge, raised
from hub.office.calendar import calendar_of, publish_holidays
from hub.office.days import recount, sweep
from hub.office.escalation import look
from hub.office.queue import take_number
from hub.office.received import change_delivery, supply
from hub.office.records import Record
from hub.office.staff_steps import Ask
from hub.people.forgetting import sweep_kept
from hub.store import schema
from hub.supervision.figures import Span, figures
from kiosk.clock import CHINA, local_date
from kiosk.wire.catalogue import Delivery
from kiosk.wire.events import DeliveryWanted, Envelope, Supplement
from kiosk.wire.progress import Part
from tests.hub.text_world import BACK, DESK, MORNING, Office, office, office_on, ready, server

__all__ = ["office", "ready", "server"]

THERE = Who(Actor.WINDOW, "b", "w02")
BACK_THERE = Who(Actor.BACK_OFFICE, "b", "b02")
CHIEF = Who(Actor.SUPERVISOR, "a", "s01")


def at(office: Office, day: str, hour: int = 9) -> None:
    office.clock.at = datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=CHINA)


def whole(office: Office) -> None:
    assert office.read(verify).problems == ()


def test_a_reminder_is_no_change_of_the_audit(office: Office) -> None:
    record = office.hand_in(phone="")
    at(office, "2026-11-06")
    assert office.write(lambda connection: look(connection, office.clock.now())) == 1
    whole(office)
    (alarm,) = office.read(raised)
    office.write(lambda connection: acknowledge(connection, "a", alarm.number, CHIEF, office.clock.now()))
    whole(office)
    office.step(staff_steps.accept, record)
    whole(office)


def test_two_halls(office: Office) -> None:
    """A hall that is gone, or never the right one: what was sent there goes on."""
    office.write(lambda connection: ensure_hall(connection, "b", MORNING))
    office.write(lambda connection: ensure_hall(connection, "c", MORNING))
    record = office.hand_in(phone="")
    record = office.step(staff_steps.route, record, "b")
    assert (record.at_hall, record.accepts, record.decides) == ("b", "b", "b")
    with pytest.raises(OfficeRefused) as error:
        office.step(staff_steps.route, record, "b", who=THERE)
    assert error.value.kind == "invalid"
    with pytest.raises(OfficeRefused) as error:
        office.step(staff_steps.route, record, who=THERE)
    assert error.value.kind == "not_possible"
    record = office.step(staff_steps.route, record, "c", who=THERE)  # not accepted yet
    record = office.step(staff_steps.accept, record, who=Who(Actor.WINDOW, "c", "w03"))
    record = office.step(staff_steps.route, record, "b", who=Who(Actor.WINDOW, "c", "w03"))
    record = office.step(staff_steps.route, record, "a", who=BACK_THERE)  # accepted
    assert (record.at_hall, record.decides, record.standing) == ("a", "a", "routed")
    office.step(staff_steps.grant, record, who=BACK)
    whole(office)


def result(office: Office, record: Record) -> Record:
    record = office.step(staff_steps.accept, record)
    record = office.step(staff_steps.grant, record, who=BACK)
    return office.step(staff_steps.add_result, record, who=BACK, title="准予决定书", sha256="0" * 64, size=1)


def test_a_parcel_that_the_courier_lost_track_of_is_taken_back(office: Office) -> None:
    record = office.hand_in(phone="")
    with pytest.raises(OfficeRefused):
        office.step(staff_steps.take_back, record)
    office.write(lambda c: c.execute(schema.handling.update().values(way="courier", address_event="x")))
    record = office.step(staff_steps.send, result(office, record), "ems")
    assert record.standing == "sent"
    record = office.step(staff_steps.take_back, record)
    assert record.standing == "result"
    (parcel,) = office.rows(schema.parcel)
    assert (parcel.state, parcel.next_look) == ("returned", None)
    record = office.step(staff_steps.send, record, "ems")
    record = office.step(staff_steps.take_back, record)
    assert office.step(staff_steps.hand_out, record).standing == "collected"
    whole(office)


def test_counts_as_accepted_since_it_came(office: Office) -> None:
    """行政许可法 art. 32: accepted from the day on which the papers were received."""
    record = office.hand_in()
    at(office, "2026-11-10")
    assert office.write(lambda connection: sweep(connection, office.clock.now())).deemed_accepted == 1
    after = office.record(record.number)
    expected = office.read(lambda c: calendar_of(c, "a").after(local_date(MORNING), record.working_days).day)
    assert (after.accepted, after.due) == (record.counted_from, expected)


def notice(office: Office, key: Any, **year: Any) -> int:
    body = msgspec.json.encode({"source": "x", "years": [{"year": 2026, "off": [], **year}, {"year": 2027, "off": []}]})

    def publish(connection: Connection) -> int:
        publish_holidays(connection, key, "a", body, office.clock.now())
        return recount(connection, office.clock.now(), "a")

    return office.write(publish)


def test_a_notice_that_changes_on_the_way_moves_days_that_were_certain(office: Office) -> None:
    key = Ed25519PrivateKey.generate()
    waiting, accepted = office.hand_in(phone=""), office.hand_in(phone="")
    decided = office.step(staff_steps.grant, office.step(staff_steps.accept, office.hand_in(phone="")), who=BACK)
    accepted = office.step(staff_steps.accept, accepted)
    assert not waiting.provisional
    assert notice(office, key, off=["2026-11-05", "2026-11-06"], work=["2026-11-07"]) == 2
    assert office.record(waiting.number).acceptance_due == date(2026, 11, 10)
    assert accepted.due is not None
    later = office.record(accepted.number).due
    assert later is not None
    assert later > accepted.due
    assert office.record(decided.number).due == decided.due
    assert notice(office, key, off=["2026-11-05", "2026-11-06"], work=["2026-11-07"]) == 0
    at(office, "2026-11-10")
    assert notice(office, key, work=["2026-11-07", "2026-11-08"]) == 1
    assert office.record(waiting.number).acceptance_due == date(2026, 11, 10), "never a day that is over already"
    whole(office)


def test_five_working_days_over_new_year(office: Office) -> None:
    at(office, "2026-12-29", 23)
    record = office.hand_in(phone="")
    # 30, 31; 1 to 3 January are off; 4, 5, 6
    assert (record.acceptance_due, record.provisional) == (date(2027, 1, 6), True)
    at(office, "2027-01-06", 23)
    assert not office.write(lambda connection: sweep(connection, office.clock.now()))
    at(office, "2027-01-07", 0)
    assert office.write(lambda connection: sweep(connection, office.clock.now())).deemed_accepted == 1


def test_a_note_is_not_in_the_audit_which_forgets_nothing(office: Office) -> None:
    record = office.hand_in(phone="")
    words = "请联系 13800000000"
    record = office.step(staff_steps.note, record, words)
    office.step(staff_steps.note, record, "第二条")
    audit = office.read(lambda connection: connection.exec_driver_sql("SELECT detail FROM audit").all())
    assert "13800000000" not in str(audit)
    whole(office)
    office.write(
        lambda c: c.execute(schema.office_note.update().where(schema.office_note.c.place == 0).values(words="x"))
    )
    assert office.read(verify).problems == (f"note 0 of submission {record.number} was changed",)


def test_a_day_that_is_over_is_not_promised(office: Office) -> None:
    quick = office.hand_in()
    office.write(lambda connection: connection.execute(schema.handling.update().values(working_days=2)))
    at(office, "2026-11-10")
    office.write(lambda connection: sweep(connection, office.clock.now()))
    assert office.record(quick.number).due == date(2026, 11, 4)
    (message,) = office.rows(schema.text_message)
    assert message.what == "deemed_late"
    assert "11月4日" not in message.text
    assert office.write(lambda connection: look(connection, office.clock.now())) == 1
    assert office.read(raised)[0].kind == "result"


def test_a_number_for_messages_goes_though_nobody_collects_the_result(office: Office) -> None:
    record = result(office, office.hand_in())
    assert record.standing == "result"
    for days, left in ((29, True), (2, False)):
        office.clock.at += timedelta(days=days)
        office.write(lambda connection: sweep_kept(connection, office.clock.now()))
        assert bool(office.rows(schema.text_contact)[0].locked) is left


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_forgetting_and_figures_on_both_databases(kind: str, tmp_path: Path, request: Any) -> None:
    url = request.getfixturevalue("server").url if kind == "postgresql" else f"sqlite:///{tmp_path / 'hub.db'}"
    office = office_on(url, tmp_path)
    record = office.hand_in()
    record = office.step(staff_steps.return_for_correction, record, [Ask(Part.OTHER, "", "请补交章程")])
    wanted = DeliveryWanted(
        id=uuid6.uuid7(),
        number=record.number,
        person_sealed=b"who",
        way=Delivery.COURIER,
        address_sealed=b"where",
        at=MORNING,
    )
    more = Supplement(id=uuid6.uuid7(), number=record.number, person_sealed=b"who", handed_in=MORNING)

    later: list[DeliveryWanted | Supplement] = [wanted, more]

    def hand_in_later(connection: Connection) -> None:
        for place, event in enumerate(later, 90):
            body = msgspec.json.encode(Envelope(seq=place, made=MORNING, event=event)).decode()
            values = {"hall": "a", "terminal": "desk-1", "id": str(event.id), "seq": place, "body": body}
            moments = {"made": MORNING, "received": office.clock.now()}
            tag = event.__struct_config__.tag
            made = insert(schema.event).values(**values, **moments, kind=tag).returning(schema.event.c.position)
            position = connection.execute(made).scalar_one()
            if isinstance(event, DeliveryWanted):
                change_delivery(connection, DESK, event, lambda _hall: "1" * 64, office.clock.now())
            else:
                supply(connection, DESK, event, frozenset(), position, lambda _hall: "1" * 64, office.clock.now())

    office.write(hand_in_later)
    record = office.step(staff_steps.note, office.record(record.number), "给同事")
    record = office.step(staff_steps.send, result(office, record), "ems")
    take = office.write(lambda connection: take_number(connection, "a", "tax", "1" * 64, office.clock.now()))
    assert (take.text, take.ahead) == ("A001", 0)
    span = Span(local_date(MORNING), local_date(MORNING), frozenset({"a"}))
    found = office.read(lambda connection: figures(connection, span, office.clock.now()))
    assert (found.total("submissions"), found.total("decided"), found.total("numbers")) == (1, 1, 1)
    office.clock.at += timedelta(days=365 * 6)
    done, papers = office.write(lambda connection: sweep_kept(connection, office.clock.now()))
    assert (done["submissions"], papers) == (1, ["0" * 64])
    bodies = office.read(lambda c: list(c.scalars(select(schema.event.c.body).order_by(schema.event.c.position))))
    assert not [body for body in bodies if "1" * 64 in body or '"person_sealed":"d' in body]
    assert not [body for body in bodies if '"address_sealed":"d' in body]
    after = office.record(record.number)
    assert (after.person, after.address_event) == ("0" * 64, None)
    whole(office)
    office.engine.dispose()


def test_a_day_that_is_over_is_not_moved(office: Office) -> None:
    record = office.step(staff_steps.accept, office.hand_in(phone=""))
    assert record.due is not None
    at(office, record.due.isoformat(), 23)
    longer = office.step(staff_steps.extend, record, "需现场核查", who=BACK)
    assert longer.due is not None
    again = office.step(staff_steps.accept, office.hand_in(phone=""))
    assert again.due is not None
    at(office, (again.due + timedelta(days=1)).isoformat())
    with pytest.raises(OfficeRefused) as error:
        office.step(staff_steps.extend, again, "需现场核查", who=BACK)
    assert error.value.kind == "too_late"
