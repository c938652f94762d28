"""What is overdue is told by itself: to the hall's supervisor, then to the next above; each thing once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uuid6
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from benchmarks.postgres import NoPostgres, postgres
from hub.gate.notices import NoticeKind
from hub.gate.receivers import Notice, text_of
from hub.office import staff_steps
from hub.office.advance import OfficeRefused
from hub.office.alarms import acknowledge, counts, raised
from hub.office.days import sweep
from hub.office.escalation import Limits, look
from hub.office.opinions import reply
from hub.office.records import Record
from hub.office.settings import BadSettings, load
from hub.office.staff_steps import Ask
from hub.store import schema
from kiosk.clock import CHINA, local_date
from kiosk.wire.progress import Part
from tests.hub.text_world import BACK, MORNING, WINDOW, Office, office, office_on, ready

__all__ = ["office", "ready"]


def late(office: Office, limits: Limits | None = None) -> int:
    return office.write(lambda connection: look(connection, office.clock.now(), limits))


def at(office: Office, day: str, hour: int = 9) -> None:
    office.clock.at = datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=CHINA)


def told(office: Office) -> list[tuple[str, str, str]]:
    kinds = {"overdue", "overdue_again", "texts"}
    return [(row.kind, row.lane, row.detail) for row in office.rows(schema.notice) if row.kind in kinds]


def complaint(office: Office, code: str, due: date) -> None:
    def add(connection: Connection) -> None:
        position = connection.execute(
            insert(schema.event)
            .values(
                hall="a",
                terminal="desk-1",
                id=str(uuid6.uuid7()),
                seq=1,
                kind="opinion",
                made=MORNING,
                received=MORNING,
                body="{}",
            )
            .returning(schema.event.c.position)
        ).scalar_one()
        connection.execute(
            insert(schema.opinion).values(
                position=position,
                hall="a",
                terminal="desk-1",
                id=str(uuid6.uuid7()),
                code=code,
                kind="complaint",
                at=MORNING,
                name_masked="",
                number="",
                item="",
                department="",
                reasons="",
                version=1,
                due=due,
                reply="",
                replied_by="",
            )
        )

    office.write(add)


def test_an_intake_that_nobody_looked_at(office: Office) -> None:
    record = office.hand_in(phone="")
    assert record.acceptance_due == date(2026, 11, 9)  # five working days after Monday
    at(office, "2026-11-05", 23)
    assert late(office) == 0
    at(office, "2026-11-06")  # Friday: the working day before
    assert late(office) == 1
    assert late(office) == 0
    (alarm,) = office.read(raised)
    assert (alarm.kind, alarm.hall, alarm.subject, alarm.level) == ("intake", "a", record.number, 1)
    assert alarm.detail == "unopened"
    at(office, "2026-11-08")  # Sunday
    assert late(office) == 0
    at(office, "2026-11-09")
    assert late(office) == 1
    assert late(office) == 0
    assert told(office) == [
        ("overdue", record.number, "intake unopened"),
        ("overdue_again", record.number, "intake unopened"),
    ]
    assert office.read(counts) == {("intake", 1): 1, ("intake", 2): 1}
    office.step(staff_steps.accept, record)
    assert late(office) == 0
    assert office.read(raised) == []


def test_one_that_was_opened_says_so_and_ends_when_it_counts_as_accepted(office: Office) -> None:
    record = office.hand_in(phone="")
    office.write(lambda c: staff_steps.opened(c, record, WINDOW, office.clock.now()))
    at(office, "2026-11-06")
    late(office)
    assert office.read(raised)[0].detail == "opened"
    at(office, "2026-11-10")
    late(office)
    office.write(lambda connection: sweep(connection, office.clock.now()))
    late(office)
    assert office.read(raised) == []


def test_a_complaint(office: Office) -> None:
    complaint(office, "ABCDEFGH", date(2026, 11, 9))
    at(office, "2026-11-09", 23)
    assert late(office) == 0
    at(office, "2026-11-10")
    assert late(office) == 1
    at(office, "2026-11-11")
    assert late(office) == 0
    at(office, "2026-11-12")
    assert late(office) == 1
    at(office, "2026-11-30")
    assert late(office) == 0
    assert [each[0] for each in told(office)] == ["overdue", "overdue_again"]
    office.write(lambda c: reply(c, "a", "ABCDEFGH", 1, WINDOW, office.clock.now(), "已处理"))
    late(office)
    assert office.read(raised) == []


def test_a_correction_is_told_before_it_lapses_and_stays_until_somebody_saw_it(office: Office) -> None:
    record = office.step(staff_steps.return_for_correction, office.hand_in(phone=""), [Ask(Part.OTHER, "", "章程")])
    assert record.asked_due is not None
    office.clock.at = datetime.combine(record.asked_due + timedelta(days=1), datetime.min.time(), CHINA)
    assert late(office) == 1
    office.write(lambda connection: sweep(connection, office.clock.now()))
    assert office.record(record.number).is_closed
    assert late(office) == 0
    (alarm,) = office.read(raised)
    assert alarm.kind == "correction"
    office.clock.on(days=7)
    assert late(office) == 1
    for each in office.read(raised):
        assert office.write(lambda c, n=each.number: acknowledge(c, "a", n, WINDOW, office.clock.now()))
    assert office.read(raised) == []
    office.clock.on(days=30)
    assert late(office) == 0


def decided_late(office: Office) -> Record:
    record = office.step(staff_steps.accept, office.hand_in(phone=""))
    if record.due is None or record.due <= local_date(office.clock.now()):
        pytest.skip("this item is decided at once")
    return record


def the_day_after(office: Office, day: date | None) -> None:
    assert day is not None
    office.clock.at = datetime.combine(day + timedelta(days=1), datetime.min.time(), CHINA)


def test_a_result(office: Office) -> None:
    record = decided_late(office)
    the_day_after(office, record.due)
    assert late(office) == 1
    with pytest.raises(OfficeRefused, match="its day is over"):
        office.step(staff_steps.extend, record, "需要实地核查", who=BACK)
    assert late(office) == 0, "and it is still told"
    assert len(office.read(raised)) == 1
    office.step(staff_steps.refuse, record, "条件不符", who=BACK)
    late(office)
    assert office.read(raised) == []


def test_a_result_whose_day_was_moved_is_late_after_the_other_day(office: Office) -> None:
    record = decided_late(office)
    office.step(staff_steps.extend, record, "需要实地核查", who=BACK)
    the_day_after(office, record.due)
    assert late(office) == 0
    the_day_after(office, office.record(record.number).due)
    assert late(office) == 1
    assert [each[0] for each in told(office)] == ["overdue"]


def test_another_halls_turn_is_another_halls_alarm(office: Office) -> None:
    record = office.hand_in(phone="")
    at(office, "2026-11-06")
    late(office)
    office.write(
        lambda c: c.execute(
            schema.handling.update().where(schema.handling.c.number == record.number).values(at_hall="b")
        )
    )
    late(office)
    assert [(each.hall, each.level) for each in office.read(raised)] == [("b", 1)]


def test_the_limits_are_the_halls(office: Office, tmp_path: Path) -> None:
    record = office.hand_in(phone="")
    at(office, "2026-11-04")
    (tmp_path / "office.toml").write_text("[escalation]\nintake_days_before = 3\nintake_again_days = 2\n")
    limits = load(tmp_path / "office.toml").escalation
    assert late(office, limits) == 1
    at(office, "2026-11-06")
    assert late(office, limits) == 1
    assert told(office)[1][0] == "overdue_again"
    assert record.number in {each.subject for each in office.read(raised)}


@pytest.mark.parametrize("text", ["intake_days_before = -1", "complaint_again_days = 0", "result_days = 3", "x ="])
def test_limits_that_cannot_be_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "office.toml").write_text(f"[escalation]\n{text}\n")
    with pytest.raises(BadSettings, match=r"office\.toml"):
        load(tmp_path / "office.toml")


def test_nobody_acknowledges_for_another_hall(office: Office) -> None:
    office.hand_in(phone="")
    at(office, "2026-11-06")
    late(office)
    (alarm,) = office.read(raised)
    assert not office.write(lambda c: acknowledge(c, "b", alarm.number, WINDOW, office.clock.now()))
    assert not office.write(lambda c: acknowledge(c, "a", alarm.number + 1, WINDOW, office.clock.now()))
    assert office.write(lambda c: acknowledge(c, "a", alarm.number, WINDOW, office.clock.now()))
    (seen,) = office.read(raised)  # seen is not done: it stays until somebody answers
    assert seen.by == "w01"


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        (NoticeKind.OVERDUE, ("intake", "unopened"), "明日视为受理，尚未答复、无人查看"),
        (NoticeKind.OVERDUE_AGAIN, ("complaint",), "再次逾期提醒"),
        (NoticeKind.TEXTS, ("text_limit",), "短信今日条数已用完"),
    ],
)
def test_it_can_be_told_in_a_short_message(kind: NoticeKind, detail: tuple[str, ...], words: str) -> None:
    hall = "" if kind is NoticeKind.TEXTS else "weinan"
    text = text_of(
        Notice(id="1", kind=kind, hall=hall, terminal="", lane="00009700000001", case=None, detail=detail, at=MORNING)
    )
    assert words in text
    assert text.startswith("weinan 大厅" if hall else "全部大厅")


def test_two_processes_and_one_timer(tmp_path: Path) -> None:
    """On PostgreSQL two look at the same moment: one of them tells, the other's transaction is taken back."""
    try:
        with postgres() as server:
            office = office_on(server.url, tmp_path)
            numbers = [office.hand_in(phone="").number for _ in range(5)]
            at(office, "2026-11-06")

            def process(_number: int) -> Any:
                try:
                    return late(office)
                except IntegrityError:
                    return "again"

            with ThreadPoolExecutor(4) as pool:
                done = list(pool.map(process, range(4)))
            assert late(office) == 0
            assert done.count(5) == 1
            assert sorted(each[1] for each in told(office)) == sorted(numbers)
            assert sorted(each.subject for each in office.read(raised)) == sorted(numbers)
            office.engine.dispose()
    except NoPostgres as error:
        pytest.skip(str(error))
