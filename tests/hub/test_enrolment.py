import hashlib
import json
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hub.fleet.enrolment import CODE_LIFE
from kiosk.clock import WallClock
from kiosk.link.identity import NotEnrolled, is_enrolled, load
from kiosk.wire import routes
from kiosk.wire.fleet import EnrolRequest
from provisioning.enrol import EnrolmentFailed, ExitCode, enrol, read_ticket

Running = Any


class ClockAt:
    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def now(self) -> Any:
        return WallClock().now() + self.ahead


def try_enrol(ticket: Any, folder: Path, ahead: timedelta = timedelta()) -> ExitCode:
    with pytest.raises(EnrolmentFailed) as caught:
        enrol(ticket, folder, ClockAt(ahead), lambda _step: None)
    assert not is_enrolled(folder)
    return caught.value.code


def csr(key: Any) -> str:
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def test_a_terminal_enrols_and_is_who_the_code_says(running: Running, tmp_path: Path) -> None:
    folder = tmp_path / "id"
    outcome = enrol(running.ticket("gate-x"), folder, WallClock(), lambda _step: None)
    assert (outcome.hall, outcome.terminal, outcome.already) == ("weinan", "gate-x", False)
    identity = load(folder)
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:kiosk:weinan:gate-x"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [each.dotted_string for each in usage] == ["1.3.6.1.5.5.7.3.2"]
    life = certificate.not_valid_after_utc - WallClock().now()
    assert timedelta(days=89) < life <= timedelta(days=90)
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    assert len(identity.hall_key) == len(identity.rules_key) == 32
    assert identity.receipt_prefix.isdecimal()
    assert len(identity.receipt_prefix) == 6


def test_twice_changes_nothing(running: Running, tmp_path: Path) -> None:
    ticket, folder = running.ticket("gate-twice"), tmp_path / "id"
    enrol(ticket, folder, WallClock(), lambda _step: None)
    before = (folder / "key.pem").read_bytes()
    assert enrol(ticket, folder, WallClock(), lambda _step: None).already
    assert (folder / "key.pem").read_bytes() == before


def test_a_lost_answer_does_not_burn_the_code(running: Running, tmp_path: Path) -> None:
    """The hub has used the code, but the terminal died before it could store the answer."""
    ticket, folder = running.ticket("gate-lost"), tmp_path / "id"
    enrol(ticket, folder, WallClock(), lambda _step: None)
    staged = folder / "next"
    staged.mkdir()
    (folder / "key.pem").rename(staged / "key.pem")
    (folder / "enrolled.json").unlink()
    assert not enrol(ticket, folder, WallClock(), lambda _step: None).already
    assert is_enrolled(folder)


def test_a_crash_while_moving_in_place_is_completed(running: Running, tmp_path: Path) -> None:
    ticket, folder = running.ticket("gate-crash"), tmp_path / "id"
    enrol(ticket, folder, WallClock(), lambda _step: None)
    staged = folder / "next"
    staged.mkdir()
    for name in ("ca.pem", "hub.json", "enrolled.json"):
        (folder / name).rename(staged / name)
    with pytest.raises(NotEnrolled):
        load(folder)
    assert enrol(ticket, folder, WallClock(), lambda _step: None).already
    assert load(folder).terminal == "gate-crash"


def test_code_is_single_use(running: Running, tmp_path: Path) -> None:
    ticket = running.ticket("gate-single")
    enrol(ticket, tmp_path / "one", WallClock(), lambda _step: None)
    assert try_enrol(ticket, tmp_path / "two") is ExitCode.CODE_USED


def test_wrong_code_then_locked_even_for_the_right_one(running: Running, tmp_path: Path) -> None:
    ticket = running.ticket("gate-locked")
    wrong = msgspec.structs.replace(ticket, code=ticket.code[:5] + "AAAA-AAAA-AAAA")
    for _ in range(5):
        assert try_enrol(wrong, tmp_path / "id") is ExitCode.CODE_WRONG
    assert try_enrol(ticket, tmp_path / "id") is ExitCode.CODE_LOCKED


def test_unknown_code(running: Running, tmp_path: Path) -> None:
    ticket = msgspec.structs.replace(running.ticket("gate-unknown"), code="ZZZZ-AAAA-AAAA-AAAA")
    assert try_enrol(ticket, tmp_path / "id") is ExitCode.CODE_WRONG


def test_expired_code(running: Running, tmp_path: Path) -> None:
    ticket = running.ticket("gate-late")
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(
            "UPDATE enrolment_code SET expires = made, made = datetime(made, '-15 minutes') WHERE terminal='gate-late'"
        )
    assert timedelta(minutes=15) == CODE_LIFE
    assert try_enrol(ticket, tmp_path / "id") is ExitCode.CODE_EXPIRED


def test_typing_mistakes_that_are_none(running: Running, tmp_path: Path) -> None:
    ticket = running.ticket("gate-typed")
    typed = ticket.code.lower().replace("-", " ").replace("o", "0").replace("i", "1")
    enrol(msgspec.structs.replace(ticket, code=typed), tmp_path / "id", WallClock(), lambda _step: None)
    assert is_enrolled(tmp_path / "id")


def test_another_hub_is_not_trusted(running: Running, tmp_path: Path) -> None:
    ticket = msgspec.structs.replace(running.ticket("gate-mitm"), ca_sha256=hashlib.sha256(b"other").hexdigest())
    assert try_enrol(ticket, tmp_path / "id") is ExitCode.WRONG_FINGERPRINT
    unused = "SELECT used_by_sha256, wrong_tries FROM enrolment_code WHERE terminal='gate-mitm'"
    assert running.rows(unused) == [(None, 0)]  # the code was not even shown to it


def test_hub_unreachable(running: Running, tmp_path: Path) -> None:
    ticket = msgspec.structs.replace(running.ticket("gate-off"), url="https://localhost:1")
    assert try_enrol(ticket, tmp_path / "id") is ExitCode.UNREACHABLE


@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(days=-400)])
def test_clock_off(running: Running, tmp_path: Path, ahead: timedelta) -> None:
    assert try_enrol(running.ticket("gate-clock"), tmp_path / "id", ahead) is ExitCode.CLOCK_OFF


@pytest.mark.parametrize(
    "text", ["{", '{"url": "x"}', "no-such-file", '{"url":"http://a","code":"a","ca_sha256":"%s"}' % ("0" * 64)]
)
def test_bad_tickets(text: str) -> None:
    with pytest.raises(EnrolmentFailed) as caught:
        read_ticket(text)
    assert caught.value.code is ExitCode.BAD_TICKET


@pytest.mark.parametrize(
    "bad",
    ["", "nonsense", csr(rsa.generate_private_key(65537, 2048)), csr(ec.generate_private_key(ec.SECP384R1()))],
    ids=["empty", "nonsense", "rsa", "p384"],
)
def test_bad_requests_are_refused_and_cost_no_try(running: Running, bad: str) -> None:
    ticket = running.ticket("gate-csr")
    body = msgspec.json.encode(EnrolRequest(code=ticket.code, csr=bad))
    response = running.client().post(routes.ENROL, content=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert running.rows("SELECT wrong_tries FROM enrolment_code WHERE terminal='gate-csr'") == [(0,)]


def test_enrolling_again_ends_the_old_certificate_and_keeps_the_receipt_range(running: Running, tmp_path: Path) -> None:
    old = running.terminal()
    assert old.http.get(routes.TIME).status_code == 200
    enrol(running.ticket(old.enrolled.terminal), tmp_path / "new", WallClock(), lambda _step: None)
    refused = old.http.get(routes.TIME)
    assert refused.status_code == 401
    assert refused.json()["type"].endswith("certificate-replaced")
    assert load(tmp_path / "new").enrolled.receipt_range == old.enrolled.receipt_range


def test_a_terminal_that_lost_its_disk_gives_no_number_twice(running: Running, tmp_path: Path) -> None:
    old = running.terminal("desk")
    assert old.enrolled.receipts_from == 1
    made = old.submission()
    assert old.send(made)[0].fate.value == "stored"
    enrol(running.ticket(old.enrolled.terminal, "desk"), tmp_path / "new", WallClock(), lambda _step: None)
    assert load(tmp_path / "new").enrolled.receipts_from > int(made.number[6:13])


def test_ranges_of_receipt_numbers_differ(running: Running) -> None:
    first, second = running.terminal("desk"), running.terminal("desk")
    assert first.enrolled.receipt_range != second.enrolled.receipt_range


def test_halls_have_different_keys(running: Running) -> None:
    here, there = running.terminal(hall="weinan"), running.terminal(hall="daye")
    assert here.enrolled.hall_key != there.enrolled.hall_key
    assert here.enrolled.rules_key == there.enrolled.rules_key


@pytest.mark.timeout(300)
def test_commands_beside_the_running_hub(running: Running, tmp_path: Path) -> None:
    """`hub code` in a second process on the same database, then `provisioning enrol` with its ticket."""
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "hub",
            "code",
            "--terminal",
            "gate-cli",
            "--role",
            "gate",
            "--hall",
            "weinan",
            "--data",
            str(running.data.path),
            "--json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(made.stdout)["url"] == running.at.terminals
    command = [sys.executable, "-m", "provisioning", "enrol", "--ticket", made.stdout, "--identity"]
    done = subprocess.run([*command, str(tmp_path / "a"), "--json"], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["terminal"] == "gate-cli"
    used = subprocess.run([*command, str(tmp_path / "b"), "--json"], check=False, capture_output=True, text=True)
    assert used.returncode == ExitCode.CODE_USED
    assert "used already" in json.loads(used.stdout)["error"]
