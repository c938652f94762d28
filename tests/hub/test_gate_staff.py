"""The staff list: kept at the hub, signed, and of use with the line down."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.people.staff import StaffRefused, check_pin, publish_staff, put_member
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.digest import person_digest
from kiosk.wire.fleet import Signed
from kiosk.wire.signed import verify
from kiosk.wire.staff import StaffList, pin_is

Running = Any
NUMBER = "110101199003070011"


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "000000", "123456", "987654", "135791", "12345a", "１２３４５７", "", "9012345"]
)
def test_pins_that_anybody_would_try_are_refused(pin: str) -> None:
    with pytest.raises(StaffRefused):
        check_pin(pin)


def test_a_lane_gets_the_signed_list_and_knows_the_pin(running: Running) -> None:
    lane = running.terminal(hall="with-staff")
    assert lane.http.get(f"{routes.SIGNED}/staff").status_code == 404
    card = person_digest(NUMBER, bytes.fromhex(lane.enrolled.hall_key))
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        put_member(
            connection,
            hall="with-staff",
            staff_id="w01",
            name="王芳",
            pin="402917",
            now=WallClock().now(),
            card=card,
            valid_to=date(2027, 6, 30),
        )
        publish_staff(connection, running.hub.signing, "with-staff", WallClock().now())
    signed = msgspec.json.decode(lane.http.get(f"{routes.SIGNED}/staff").content, type=Signed)
    body = verify(signed, running.hub.data.signing_public())
    (member,) = msgspec.json.decode(body, type=StaffList).members
    assert (member.id, member.name, member.card, member.valid_to) == ("w01", "王芳", card, date(2027, 6, 30))
    assert pin_is(member, "402917")
    assert not pin_is(member, "402918")
    assert b"402917" not in body


def run(data: Path, *words: str, typed: str = "") -> Any:
    return CliRunner().invoke(app, ["staff", *words, "--hall", "weinan", "--data", str(data)], input=typed)


def test_the_commands(tmp_path: Path) -> None:
    added = run(tmp_path, "add", "--id", "w01", "--name", "王芳", typed="402917\n402917\n")
    assert added.exit_code == 0, added.output
    assert "version 1" in added.output
    assert "402917" not in added.output
    assert run(tmp_path, "add", "--id", "w01", "--name", "李强", "--pin", "402917").exit_code == 2
    assert run(tmp_path, "add", "--id", "w 1", "--name", "李强", "--pin", "402917").exit_code == 2
    assert run(tmp_path, "add", "--id", "w02", "--name", " ", "--pin", "402917").exit_code == 2
    assert run(tmp_path, "add", "--id", "w02", "--name", "李强", "--pin", "111111").exit_code == 2
    assert run(tmp_path, "add", "--id", "w02", "--name", "李强", "--pin", "402917", "--valid-to", "x").exit_code == 2
    card = ("--card", NUMBER)
    assert run(tmp_path, "add", "--id", "w02", "--name", "李强", "--pin", "402917", *card).exit_code == 0
    assert run(tmp_path, "add", "--id", "w03", "--name", "赵敏", "--pin", "402917", *card).exit_code == 2
    changed = run(tmp_path, "add", "--id", "w01", "--name", "王芳", "--pin", "730184", "--change")
    assert "version 3" in changed.output
    assert "李强" in run(tmp_path, "list").output
    assert run(tmp_path, "remove", "--id", "w02").exit_code == 0
    assert "李强" not in run(tmp_path, "list", "--json").output
    assert run(tmp_path, "remove", "--id", "w02").exit_code == 2
    for file in tmp_path.rglob("hub.db*"):
        assert NUMBER.encode() not in file.read_bytes()
