"""Enrolment by serial number, against a real hub: listed, held, compared and admitted; or refused, told and audited."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from hub.audit.verify import verify
from hub.fleet import serials
from hub.fleet.commands import group
from hub.fleet.serial_lists import BadList, read_list
from hub.fleet.serials import SerialState
from kiosk.clock import WallClock
from kiosk.link.identity import is_enrolled, load
from kiosk.wire.fleet import EnrolmentTicket
from kiosk.wire.serials import ROUTE, NoSerial, SerialRequest, SerialWaiting, serial_of
from provisioning.enrol import BySerial, EnrolmentFailed, ExitCode, enrol
from provisioning.image.first_boot import first_boot
from provisioning.machine_serial import machine_serial
from provisioning.talk import CannotDo
from tests.hub.conftest import running_in
from tests.hub.test_enrolment import csr
from tests.releases.test_real_program import SITE

Running = Any
HEAD = "serial,hall,terminal,role,group\n"


def expect(running: Running, *lines: str, at_once: bool = False, days: float = 1) -> None:
    now = running.hub.now()
    machines = read_list((HEAD + "\n".join(lines)).encode())
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        made = now - timedelta(days=40)
        until = now + timedelta(days=days)
        serials.expect(connection, machines, until=until, at_once=at_once, by="chen", now=made)


def ticket(running: Running) -> EnrolmentTicket:
    return EnrolmentTicket(url=running.at.terminals, ca_sha256=running.hub.authority.fingerprint)


def state(running: Running, serial: str) -> serials.Expected:
    with running.hub.engine.connect() as connection:
        found = serials.expected(connection, serial)
    assert found is not None
    return found


def audited(running: Running, serial: str) -> list[str]:
    return [row[0] for row in running.rows("SELECT what FROM audit WHERE subject = ? ORDER BY position", serial)]


def ask(running: Running, folder: Path, serial: str, wait: float = 0) -> Any:
    told: list[str] = []
    outcome = enrol(ticket(running), folder, WallClock(), told.append, by_serial=BySerial(serial, wait))
    return outcome, told


def fails(running: Running, folder: Path, serial: str) -> tuple[ExitCode, str]:
    with pytest.raises(EnrolmentFailed) as caught:
        ask(running, folder, serial)
    assert not is_enrolled(folder)
    return caught.value.code, str(caught.value)


@pytest.fixture
def console(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "administrator", hall="weinan", staff_id="a1")
        yield client


def post(console: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return console.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})


def test_held_compared_and_admitted(running: Running, console: httpx.Client, tmp_path: Path) -> None:
    expect(running, "KZ7-0042,weinan,gate-s1,gate,pilot")
    folder = tmp_path / "id"
    code, message = fails(running, folder, "kz7-0042 ")
    assert code is ExitCode.STILL_WAITING
    waits = state(running, "KZ7-0042")
    assert waits.state is SerialState.WAITING
    assert waits.fingerprint in message  # what the machine shows and what the console shows
    assert waits.address == "127.0.0.1"
    page = console.get("/terminals/machines?lang=en").text
    assert waits.fingerprint in page
    assert "KZ7-0042" in page
    assert "1 to compare" in console.get("/terminals?lang=en").text
    # Another machine that says the same number does not take its place.
    assert fails(running, tmp_path / "thief", "KZ7-0042")[0] is ExitCode.SERIAL_REFUSED
    assert state(running, "KZ7-0042").other_keys == 1
    # A key that changed since it was looked at is not admitted.
    wrong = post(console, "/terminals/machines/admit", serial="KZ7-0042", fingerprint="0000 0000 0000 0000")
    assert wrong.status_code == 409
    done: list[Any] = []
    waiting = threading.Thread(target=lambda: done.append(ask(running, folder, "KZ7-0042", wait=60)))
    waiting.start()
    admitted = post(console, "/terminals/machines/admit", serial="KZ7-0042", fingerprint=waits.fingerprint)
    assert admitted.status_code == 303
    waiting.join(60)
    outcome, _ = done[0]
    assert (outcome.hall, outcome.terminal) == ("weinan", "gate-s1")
    assert load(folder).terminal == "gate-s1"
    rows = running.rows("SELECT role, group_name FROM terminal WHERE terminal = 'gate-s1'")
    assert rows == [("gate", "pilot")]
    assert audited(running, "KZ7-0042") == ["serial_waits", "serial_refused", "serial_admit", "serial_enrolled"]
    # It works, and nobody enrols with that number again.
    with running.client(folder / "certificate.pem", folder / "key.pem") as http:
        assert http.get("/api/v1/time").status_code == 200
    code, message = fails(running, tmp_path / "again", "KZ7-0042")
    assert (code, "has enrolled already" in message) == (ExitCode.SERIAL_REFUSED, True)
    with running.hub.engine.connect() as connection:
        assert verify(connection).problems == ()


def test_at_once_where_the_list_says_so(running: Running, tmp_path: Path) -> None:
    expect(running, "KZ7-0043,weinan,desk-s2,desk,", at_once=True)
    (outcome, told) = ask(running, tmp_path / "id", "KZ7-0043")
    assert (outcome.terminal, any("waiting" in line for line in told)) == ("desk-s2", False)
    # The answer was lost: the same key gets another.
    (tmp_path / "id" / "enrolled.json").unlink()
    (tmp_path / "id" / "next").mkdir()
    (tmp_path / "id" / "key.pem").rename(tmp_path / "id" / "next" / "key.pem")
    assert ask(running, tmp_path / "id", "KZ7-0043")[0].terminal == "desk-s2"


def test_unknown_and_over_are_refused_told_and_audited(running: Running, tmp_path: Path) -> None:
    code, message = fails(running, tmp_path / "id", "KZ7-9999")
    assert (code, "not on the list" in message) == (ExitCode.SERIAL_REFUSED, True)
    expect(running, "KZ7-0044,weinan,gate-s4,gate,", days=-1)
    code, message = fails(running, tmp_path / "id", "KZ7-0044")
    assert (code, "last day" in message) == (ExitCode.SERIAL_REFUSED, True)
    assert audited(running, "KZ7-9999") == audited(running, "KZ7-0044") == ["serial_refused"]


def test_who_guesses_is_not_listened_to(tmp_path: Path) -> None:
    with running_in(tmp_path) as running, running.client() as http:
        request = csr(ec.generate_private_key(ec.SECP256R1()))
        body = [msgspec.json.encode(SerialRequest(serial=f"GUESS-{number}", csr=request)) for number in range(40)]
        answers = [http.post(ROUTE, content=each).status_code for each in body]
        assert answers[-1] == 429
        assert answers.index(429) <= serials.MOST_WRONG
        assert set(answers[: answers.index(429)]) == {403}
    app_patience = serials.Patience()
    now = WallClock().now()
    for _ in range(serials.MOST_WRONG):
        assert not app_patience.over("10.0.0.9", now)
        app_patience.note("10.0.0.9", now)
    assert app_patience.over("10.0.0.9", now)
    assert not app_patience.over("10.0.0.8", now)
    assert not app_patience.over("10.0.0.9", now + serials.WINDOW)


def test_what_comes_over_the_wire_is_checked(running: Running) -> None:
    good = csr(ec.generate_private_key(ec.SECP256R1()))
    assert msgspec.json.decode(b'{"fingerprint": "x"}', type=SerialWaiting).seconds > 0
    with running.client() as http:
        for body in (b"{", b"[]", b'{"serial": 5}', msgspec.json.encode(SerialRequest(serial="KZ7-1", csr="x"))):
            assert http.post(ROUTE, content=body).status_code in {422, 429}
        too_long = msgspec.json.encode({"serial": "x" * 65, "csr": good})
        assert http.post(ROUTE, content=too_long).status_code in {422, 429}


def test_turned_away_and_struck(running: Running, console: httpx.Client) -> None:
    expect(running, "KZ7-0050,weinan,gate-s50,gate,")
    first, second = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def asked(key: Any) -> Any:
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            return serials.ask(
                connection, running.hub.authority, "KZ7-0050", key.public_key(), "10.0.0.7", running.hub.now()
            )

    assert asked(first) is None
    assert asked(second) is serials.SerialRefusal.OTHER_KEY
    # It waits: it is not listed anew over the head of who waits.
    with pytest.raises(BadList, match="turn it away first"):
        expect(running, "KZ7-0050,weinan,gate-s50,gate,")
    assert post(console, "/terminals/machines/turn-away", serial="KZ7-0050").status_code == 303
    assert asked(second) is None  # now the right one may ask
    assert post(console, "/terminals/machines/strike", serial="KZ7-0050").status_code == 303
    assert asked(second) is serials.SerialRefusal.UNKNOWN
    assert post(console, "/terminals/machines/strike", serial="KZ7-0050").status_code == 404
    assert post(console, "/terminals/machines/melt", serial="KZ7-0050").status_code == 404


def test_lists_name_each_bad_line(running: Running, console: httpx.Client) -> None:
    bad = HEAD + (
        "KZ7-1000,weinan,gate-1000,gate,\n"
        "To be filled by O.E.M.,weinan,gate-1001,gate,\n"
        "KZ7-1002,Weinan!,gate-1002,gate,\n"
        "\n"
        "KZ7-1003,weinan,gate-1003,door,\n"
        "KZ7-1000,weinan,gate-1004,gate,\n"
        "KZ7-1005,weinan,gate-1000,gate,\n"
    )
    with pytest.raises(BadList) as caught:
        read_list(bad.encode())
    assert [line for line, _ in caught.value.lines] == [3, 4, 6, 7, 8]
    day = (running.hub.now() + timedelta(days=2)).date().isoformat()
    answer = post(console, "/terminals/machines?lang=en", list=bad, until=day)
    assert answer.status_code == 422
    assert "Line 3:" in answer.text
    assert "KZ7-1000" in answer.text  # what was typed is still there
    other_hall = post(console, "/terminals/machines?lang=en", list=HEAD + "KZ7-1100,xian,gate-1,gate,", until=day)
    assert (other_hall.status_code, "not a hall of yours" in other_hall.text) == (422, True)
    assert (
        post(console, "/terminals/machines", list=HEAD + "KZ7-1,weinan,gate-1,gate,", until="2020-01-01").status_code
        == 422
    )
    good = "序列号无关;x\n"
    with pytest.raises(BadList, match="names the columns"):
        read_list(good.encode())
    for encoding, separator in (("utf-8-sig", ","), ("gb18030", ";"), ("utf-8", "\t")):
        text = (HEAD + "kz7-1200,weinan,gate-1200,gate,试点\n").replace(",", separator).replace("试点", "pilot")
        (machine,) = read_list(text.encode(encoding))
        assert (machine.serial, machine.group) == ("KZ7-1200", "pilot")
    done = post(console, "/terminals/machines", list=HEAD + "KZ7-1300,weinan,gate-1300,gate,", until=day)
    assert done.status_code == 303
    assert "1 added to the list" in console.get(done.headers["location"] + "&lang=en").text


def test_only_an_administrator_admits(running: Running) -> None:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "technician", hall="weinan", staff_id="t9")
        assert client.get("/terminals/machines").status_code == 200
        assert post(client, "/terminals/machines/admit", serial="KZ7-0042", fingerprint="x").status_code == 403
        assert post(client, "/terminals/machines", list=HEAD, until="2030-01-01").status_code == 403


@pytest.mark.parametrize(
    "text",
    [
        "To Be Filled By O.E.M.",
        "Default string",
        "System Serial Number",
        "Not Specified",
        "None",
        "N/A",
        "0",
        "00000000",
        "123456789",
        "1234567890",
        "xxxx-xxxx",
        "",
        "....-....",
        "a b c d e",
        "x" * 70,
        "'; DROP TABLE terminal; --",
    ],
)
def test_numbers_that_tell_no_machine_from_another(text: str) -> None:
    with pytest.raises(NoSerial):
        serial_of(text)


def test_the_machine_reads_its_own_number(tmp_path: Path) -> None:
    dmi = tmp_path / "sys/class/dmi/id"
    dmi.mkdir(parents=True)
    with pytest.raises(NoSerial, match="--serial-file"):
        machine_serial(root=tmp_path)
    (dmi / "product_serial").write_text("To be filled by O.E.M.\n")
    with pytest.raises(NoSerial, match="maker leaves in"):
        machine_serial(root=tmp_path)
    (dmi / "board_serial").write_text("mb-77120034\n")
    assert machine_serial(root=tmp_path) == "MB-77120034"
    (dmi / "product_serial").write_text("KZ7-0001\n")
    assert machine_serial(root=tmp_path) == "KZ7-0001"
    tree = tmp_path / "proc/device-tree"
    tree.mkdir(parents=True)
    (tree / "serial-number").write_bytes(b"10000000abcdef01\x00")
    (dmi / "product_serial").unlink()
    (dmi / "board_serial").unlink()
    assert machine_serial(root=tmp_path) == "10000000ABCDEF01"
    own = tmp_path / "label.txt"
    own.write_text("LBL-7/2026\n")
    assert machine_serial(own, tmp_path) == "LBL-7/2026"
    with pytest.raises(NoSerial, match="no such file"):
        machine_serial(tmp_path / "missing")


def test_the_commands(running: Running, tmp_path: Path) -> None:
    at = ["--data", str(running.data.path)]
    printed = CliRunner().invoke(group, ["ticket", *at])
    assert msgspec.json.decode(printed.stdout, type=EnrolmentTicket) == ticket(running)
    lines = tmp_path / "machines.csv"
    lines.write_text(HEAD + "KZ7-2000,weinan,gate-2000,gate,\nbad line\n")
    refused = CliRunner().invoke(group, ["serials", "--file", str(lines), "--until", "2099-01-01", *at])
    assert (refused.exit_code, "line 3:" in refused.output) == (2, True)
    lines.write_text(HEAD + "KZ7-2000,weinan,gate-2000,gate,\n")
    options = ["serials", "--file", str(lines), "--until", "2099-01-01", "--at-once", *at]
    assert "KZ7-2000  weinan/gate-2000" in CliRunner().invoke(group, options).output
    label = tmp_path / "label"
    label.write_text("KZ7-2000")
    folder = tmp_path / "identity"
    wanted = ["enrol", "--by-serial", "--serial-file", str(label), "--ticket", printed.stdout, "--no-tpm", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "provisioning", *wanted, "--identity", str(folder)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert load(folder).terminal == "gate-2000"


def test_one_stick_for_all_machines(running: Running, tmp_path: Path) -> None:
    expect(running, "KZ7-3000,weinan,desk-3000,desk,", at_once=True)
    seed, root, state = tmp_path / "seed", tmp_path / "root", tmp_path / "state"
    for folder in (seed, root, state):
        folder.mkdir()
    (seed / "site.toml").write_text(SITE.format(name="desk-3000"))
    (seed / "ticket.json").write_bytes(msgspec.json.encode(ticket(running)))
    with pytest.raises(CannotDo, match=r"serial\.txt"):
        first_boot(seed, state, root, lambda _line: None)
    (seed / "serial.txt").write_text("KZ7-3000\n")
    assert first_boot(seed, state, root, lambda _line: None)
    assert (seed / "ticket.json").exists()  # the next machine needs it too
    assert first_boot(seed, state, root, lambda _line: None)  # at every boot: nothing is done again
