"""How many are inside: over all lanes, across a restart, and from a correction on."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from sqlalchemy import Engine

from hub.app import prepare
from hub.data import DataFolder
from hub.fleet.enrolment import make_code
from hub.fleet.live import TerminalKey
from hub.gate import occupancy
from hub.submissions.check import Checked
from hub.submissions.intake import Intake
from kiosk.clock import CHINA, WallClock
from kiosk.wire import routes
from kiosk.wire.appointments import HallNow
from kiosk.wire.events import Envelope, StaffAct, StaffAction
from kiosk.wire.fleet import Health

Running = Any
Sender = Any
NOON = datetime(2026, 11, 20, 12, tzinfo=CHINA)
A, B = TerminalKey("weinan", "gate-1"), TerminalKey("weinan", "gate-2")


def health(key: TerminalKey, entered: int, left: int, made: datetime) -> Health:
    return Health(
        terminal=key.terminal,
        role="gate",
        version="1",
        made=made,
        in_service=True,
        view="Welcome",
        rules_version=1,
        outbox_waiting=0,
        outbox_dead=0,
        entered=entered,
        left=left,
    )


class Hall:
    """A hall with two lanes, on a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = DataFolder(folder)
        self.engine = self.open()
        self.seq = 0
        with self.engine.execution_options(writes=True).begin() as connection:
            for key in (A, B):
                make_code(connection, key.hall, key.terminal, "gate", NOON)

    def open(self) -> Engine:
        return prepare(self.folder, None, WallClock())[0]

    def tell(self, key: TerminalKey, entered: int, left: int, now: datetime, made: datetime | None = None) -> None:
        with self.engine.execution_options(writes=True).begin() as connection:
            occupancy.report(connection, [occupancy.Report(key, health(key, entered, left, made or now), now)])

    def correct(self, key: TerminalKey, count: int, at: datetime, received: datetime | None = None) -> None:
        self.seq += 1
        action = StaffAction(id=uuid6.uuid7(), act=StaffAct.COUNT_SET, staff="w01", lane="1", count=count, at=at)
        checked = Checked(self.seq, action.id, Envelope(seq=self.seq, made=at, event=action), "")
        with self.engine.execution_options(writes=True).begin() as connection:
            Intake(None, lambda hall: hall.encode()).store(connection, key, [checked], received or at)  # type: ignore[arg-type]  # no papers here

    def inside(self, now: datetime) -> int:
        with self.engine.connect() as connection:
            return occupancy.inside(connection, "weinan", now)


@pytest.fixture
def hall(tmp_path: Path) -> Any:
    hall = Hall(tmp_path)
    yield hall
    hall.engine.dispose()


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def test_all_lanes_are_summed(hall: Hall) -> None:
    assert hall.inside(NOON) == 0
    hall.tell(A, 10, 2, minutes(1))
    hall.tell(B, 5, 6, minutes(2))
    assert hall.inside(minutes(3)) == 7
    assert hall.inside(minutes(1.5)) == 8


def test_reports_of_one_lane_in_one_group_are_counted_in_their_order(hall: Hall) -> None:
    hall.tell(B, 3, 0, minutes(1))
    told = [(A, 2, 0), (B, 3, 1), (A, 2, 0), (A, 5, 1), (A, 1, 0)]  # the last one lost its disk
    reports = [occupancy.Report(key, health(key, entered, left, minutes(2)), minutes(2)) for key, entered, left in told]
    with hall.engine.execution_options(writes=True).begin() as connection:
        assert occupancy.report(connection, reports) == [2, -1, 0, 2, 1]
    assert hall.inside(minutes(3)) == 7


def test_more_went_out_than_in_is_nobody(hall: Hall) -> None:
    hall.tell(A, 1, 9, minutes(1))
    assert hall.inside(minutes(2)) == 0


def test_a_restarted_hub_counts_on(hall: Hall) -> None:
    hall.tell(A, 10, 2, minutes(1))
    hall.engine.dispose()
    hall.engine = hall.open()
    assert hall.inside(minutes(2)) == 8


def test_the_hall_is_empty_at_midnight_in_china(hall: Hall) -> None:
    hall.tell(A, 10, 2, minutes(1))
    assert hall.inside(minutes(12 * 60 - 1)) == 8
    assert hall.inside(minutes(12 * 60 + 1)) == 0
    late = minutes(12 * 60 + 1)  # yesterday's counters, told a minute after midnight
    hall.tell(A, 11, 2, late, made=late - timedelta(minutes=2))
    assert hall.inside(minutes(12 * 60 + 2)) == 0


def test_a_lane_whose_clock_is_a_year_off_counts_too(hall: Hall) -> None:
    hall.tell(A, 4, 0, minutes(1), made=minutes(1) + timedelta(days=365))
    assert hall.inside(minutes(2)) == 4


def test_a_lane_that_lost_its_disk_goes_on(hall: Hall) -> None:
    hall.tell(A, 10, 4, minutes(1))
    hall.tell(A, 0, 0, minutes(2))
    hall.tell(A, 3, 1, minutes(3))
    assert hall.inside(minutes(4)) == 8


def test_a_correction_counts_from_the_moment_it_was_made(hall: Hall) -> None:
    hall.tell(A, 10, 2, minutes(1))
    hall.tell(B, 3, 0, minutes(10))
    hall.correct(A, 20, at=minutes(5), received=minutes(12))  # the line was down
    assert hall.inside(minutes(4)) == 8
    assert hall.inside(minutes(13)) == 23
    hall.tell(A, 10, 7, minutes(14))
    assert hall.inside(minutes(15)) == 18
    hall.correct(B, 0, at=minutes(16))
    assert hall.inside(minutes(17)) == 0
    hall.tell(B, 4, 0, minutes(18))
    assert hall.inside(minutes(19)) == 1


def test_a_correction_by_a_clock_that_jumped_counts_from_when_it_was_heard(hall: Hall) -> None:
    hall.tell(A, 10, 0, minutes(1))
    hall.correct(A, 3, at=minutes(5) + timedelta(days=365), received=minutes(5))
    hall.tell(A, 12, 0, minutes(6))
    assert hall.inside(minutes(7)) == 5


def test_yesterdays_correction_is_of_no_account(hall: Hall) -> None:
    hall.correct(A, 50, at=minutes(1))
    hall.tell(A, 2, 0, minutes(24 * 60))
    assert hall.inside(minutes(24 * 60 + 1)) == 2


def test_hours_of_a_day(hall: Hall) -> None:
    hall.tell(A, 10, 0, minutes(10))
    hall.tell(A, 14, 9, minutes(70))
    with hall.engine.connect() as connection:
        hours = occupancy.by_hour(connection, "weinan", NOON.date(), minutes(80))
    assert len(hours) == 14
    assert [(each.entered, each.left, each.inside) for each in hours[-3:]] == [(0, 0, 0), (10, 0, 10), (4, 9, 5)]


def test_health_is_answered_with_how_many_are_inside(running: Running) -> None:
    one, two = running.terminal(hall="occupied"), running.terminal(hall="occupied")
    inside = []
    for lane, entered, left in ((one, 3, 0), (two, 4, 1), (one, 3, 2), (one, 3, 2)):
        key = TerminalKey("occupied", lane.enrolled.terminal)
        body = msgspec.json.encode(health(key, entered, left, WallClock().now()))
        response = lane.http.post(routes.HEALTH, content=body)
        assert response.status_code == 200
        inside.append(msgspec.json.decode(response.content, type=HallNow).inside)
    assert inside == [3, 6, 4, 4]
    name = one.enrolled.terminal
    assert running.rows("SELECT count(*) FROM heads WHERE hall = 'occupied' AND terminal = ?", name) == [(2,)]
