"""Face terminals of other makers at the far end of real connections."""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from drivers.access_terminal.dahua import Dahua, DahuaOptions
from drivers.access_terminal.hikvision import Hikvision, HikvisionOptions
from drivers.access_terminal.zkteco import ZkTeco, ZkTecoOptions
from drivers.errors import DeviceFault, DriverError, Effect, LinkError, NotPresent, Remedy, WrongDevice
from drivers.kinds import AccessReport
from drivers.simulate.contract import Garble
from drivers.simulate.face_terminals import DahuaSimulator, HikvisionSimulator, ZkTecoSimulator
from drivers.simulate.many_hosts import Heard

Terminal = Hikvision | Dahua | ZkTeco
Simulated = HikvisionSimulator | DahuaSimulator | ZkTecoSimulator
Pair = tuple[Terminal, Simulated]


def made(simulator: Simulated, **other: str | int) -> Terminal:
    given = {**simulator.options, **other}
    if isinstance(simulator, HikvisionSimulator):
        return Hikvision(HikvisionOptions.model_validate(given))
    if isinstance(simulator, DahuaSimulator):
        return Dahua(DahuaOptions.model_validate(given))
    return ZkTeco(ZkTecoOptions.model_validate(given))


MAKES: tuple[Callable[..., Simulated], ...] = (HikvisionSimulator, DahuaSimulator, ZkTecoSimulator)
ASKED = MAKES[:2]


@pytest.fixture(params=MAKES, ids=["hikvision", "dahua", "zkteco"])
def simulator(request: pytest.FixtureRequest, tmp_path: Path, plugged_in: contextlib.ExitStack) -> Simulated:
    found: Simulated = request.param(tmp_path, every=0)
    plugged_in.callback(found.close)
    return found


@pytest.fixture
def pair(simulator: Simulated, plugged_in: contextlib.ExitStack) -> Pair:
    driver = made(simulator)
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


def next_one(driver: Terminal) -> AccessReport:
    report = driver.next_report(10.0)
    assert report is not None
    return report


def test_it_says_who_it_is(simulator: Simulated) -> None:
    driver = made(simulator)
    with contextlib.closing(driver):
        assert driver.open().serial == simulator.serial


def test_people_are_reported_once_and_in_order(pair: Pair) -> None:
    driver, simulator = pair
    for number in range(12):  # more than a page
        simulator.street.send(str(1001 + number), passed=number != 3, degrees=36.0 + number / 10)
    reports = [next_one(driver) for _ in range(12)]
    assert [report.person for report in reports] == [str(1001 + number) for number in range(12)]
    assert [report.passed for report in reports] == [number != 3 for number in range(12)]
    assert [report.temperature for report in reports] == [(round(36.0 + n / 10, 1), "C") for n in range(12)]
    assert all(report.mask is True and report.serial == simulator.serial for report in reports)
    assert len({report.number for report in reports}) == 12
    assert driver.next_report(0.4) is None
    simulator.street.send("", passed=False)
    assert (next_one(driver).person, driver.next_report(0.1)) == ("", None)


def test_the_door_opens(pair: Pair) -> None:
    driver, simulator = pair
    driver.let_one_pass()
    assert simulator.opened == 1
    driver.let_one_pass()
    assert simulator.opened == 2


def test_the_door_of_one_that_does_not_answer(pair: Pair) -> None:
    driver, simulator = pair
    simulator.hang(60)
    with pytest.raises(DriverError) as caught:
        driver.let_one_pass()
    assert caught.value.effect is (Effect.NO if isinstance(driver, ZkTeco) else Effect.UNKNOWN)
    assert simulator.opened == 0


@pytest.mark.parametrize("make", ASKED)
def test_the_door_that_there_is_not(make: Callable[..., Simulated], tmp_path: Path) -> None:
    simulator = make(tmp_path, every=0)
    driver = made(simulator, door=7)
    with contextlib.closing(simulator), contextlib.closing(driver):
        driver.open()
        with pytest.raises(DeviceFault) as caught:
            driver.let_one_pass()
        assert (caught.value.fault, caught.value.effect) == ("door_refused", Effect.NO)


@pytest.mark.parametrize("make", ASKED)
def test_another_terminal_at_the_address(make: Callable[..., Simulated], tmp_path: Path) -> None:
    simulator = make(tmp_path, every=0)
    driver = made(simulator, serial="SOMEBODY-ELSE")
    with contextlib.closing(simulator), contextlib.closing(driver), pytest.raises(WrongDevice, match=simulator.serial):
        driver.open()


def test_another_terminal_that_calls(tmp_path: Path) -> None:
    simulator = ZkTecoSimulator(tmp_path, every=0, serial="SOMEBODY-ELSE")
    driver = made(simulator)
    with contextlib.closing(simulator), contextlib.closing(driver), pytest.raises(WrongDevice, match="SOMEBODY-ELSE"):
        driver.open()


@pytest.mark.parametrize("make", ASKED)
def test_a_wrong_password_does_not_lock_the_account(
    make: Callable[..., Simulated], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = make(tmp_path, every=0)
    with contextlib.closing(simulator), contextlib.closing(made(simulator, password="wrong")) as driver:
        asked: list[str] = []
        assert not isinstance(simulator, ZkTecoSimulator)
        refusal = simulator._refusal

        def counted(heard: Heard) -> bytes | None:
            if "authorization" in heard.headers:
                asked.append(heard.path)
            return refusal(heard)

        monkeypatch.setattr(simulator, "_refusal", counted)
        for _ in range(8):
            with pytest.raises(DeviceFault) as caught:
                driver.open()
            assert (caught.value.fault, caught.value.remedy) == ("not_authorised", Remedy.TECHNICIAN)
            driver.close()
        assert len(asked) == 3


@pytest.mark.parametrize("make", ASKED)
def test_an_independent_client_is_let_in_too(make: Callable[..., Simulated], tmp_path: Path) -> None:
    """httpx judges the Digest of the simulator, so that it and the driver cannot share a mistake."""
    simulator = make(tmp_path, every=0)
    options = simulator.options
    path = "/ISAPI/System/deviceInfo" if make is HikvisionSimulator else "/cgi-bin/magicBox.cgi?action=getSerialNo"
    url = f"http://127.0.0.1:{options['port']}{path}"
    with contextlib.closing(simulator):
        right = httpx.get(url, auth=httpx.DigestAuth(str(options["user"]), str(options["password"])))
        assert simulator.serial in right.text
        assert httpx.get(url, auth=httpx.DigestAuth("reporter", "wrong")).status_code == 401


@pytest.mark.parametrize("make", ASKED)
def test_a_web_server_of_something_else(make: Callable[..., Simulated], tmp_path: Path) -> None:
    simulator = make(tmp_path, every=0)
    other = next(one for one in ASKED if one is not make)(tmp_path, every=0)
    driver = made(simulator, port=int(other.options["port"]))
    with contextlib.closing(simulator), contextlib.closing(other), contextlib.closing(driver):
        with pytest.raises(WrongDevice):
            driver.open()
        driver.close()


def test_nobody_is_reported_who_came_before(tmp_path: Path) -> None:
    for make in ASKED:
        simulator = make(tmp_path, every=0)
        simulator.street.send("1001")
        time.sleep(1.1)  # the terminal's clock counts seconds
        with contextlib.closing(simulator), contextlib.closing(made(simulator)) as driver:
            driver.open()
            simulator.street.send("1002")
            assert next_one(driver).person == "1002"
            assert driver.next_report(0.3) is None


# ZKTeco: we are the server ----------------------------------------------------------------------------------------


def call(driver: ZkTeco, method: str, path: str, body: bytes | None = None) -> bytes:
    """Call the driver with Python's own client, while the driver listens."""
    port = driver._given.port
    said: list[bytes] = []

    def ask() -> None:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        caller.request(method, path, body)
        said.append(caller.getresponse().read())
        caller.close()

    thread = threading.Thread(target=ask)
    thread.start()
    while thread.is_alive():
        with contextlib.suppress(NotPresent):
            driver.probe()
    return said[0]


@pytest.fixture
def listening(tmp_path: Path, plugged_in: contextlib.ExitStack) -> ZkTeco:
    simulator = ZkTecoSimulator(tmp_path, every=0)
    plugged_in.callback(simulator.close)
    driver = made(simulator)
    assert isinstance(driver, ZkTeco)
    plugged_in.callback(driver.close)
    driver.open()
    simulator.hang(60)
    return driver


@pytest.mark.parametrize("suffix", ["", ".aspx"])
def test_uploads_are_answered_with_a_bare_ok(listening: ZkTeco, suffix: str) -> None:
    line = b"time=2026-08-20 10:00:00\tpin=2002\tevent=0\tindex=77\n"
    sn = ZkTecoSimulator.serial
    assert call(listening, "POST", f"/iclock/cdata{suffix}?SN={sn}&table=rtlog&Stamp=1", line) == b"OK"
    assert call(listening, "POST", f"/iclock/cdata{suffix}?SN={sn}&table=rtlog&Stamp=1", line) == b"OK"  # sent again
    assert call(listening, "POST", f"/iclock/cdata{suffix}?SN={sn}&table=OPERLOG", b"OPLOG 4") == b"OK"
    assert call(listening, "GET", f"/iclock/getrequest{suffix}?SN={sn}") == b"OK"
    assert call(listening, "POST", f"/iclock/devicecmd{suffix}?SN={sn}", b"nonsense") == b"OK"
    assert b"Realtime=1" in call(listening, "GET", f"/iclock/cdata{suffix}?SN={sn}&options=all")
    assert next_one(listening).number == "77"
    assert listening.next_report(0.05) is None


def test_a_stranger_is_not_told_ok_and_changes_nothing(listening: ZkTeco) -> None:
    line = b"time=2026-08-20 10:00:00\tpin=2002\tevent=0\tindex=77\n"
    assert call(listening, "POST", "/iclock/cdata?SN=OTHER&table=rtlog", line) == b""
    assert listening.next_report(0.05) is None


def test_a_report_whose_sender_does_not_wait_is_left_to_be_sent_again(listening: ZkTeco) -> None:
    body = b"time=2026-08-20 10:00:00\tpin=2002\tevent=0\tindex=77\n"
    head = f"POST /iclock/cdata?SN={ZkTecoSimulator.serial}&table=rtlog HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", listening._given.port)) as caller:
        caller.sendall(head.encode() + body)
    assert listening.next_report(0.2) is None


def test_callers_from_elsewhere_are_hung_up_on(tmp_path: Path) -> None:
    simulator = ZkTecoSimulator(tmp_path, every=0)
    driver = made(simulator, device="127.0.0.2")
    with contextlib.closing(simulator), contextlib.closing(driver), pytest.raises(NotPresent):
        driver.open()


def test_an_address_that_another_program_has(tmp_path: Path) -> None:
    simulator = ZkTecoSimulator(tmp_path, every=0)
    with contextlib.closing(simulator), contextlib.closing(made(simulator)) as first:
        first.open()
        with contextlib.closing(made(simulator)) as second, pytest.raises(DeviceFault) as caught:
            second.open()
        assert (caught.value.fault, caught.value.remedy) == ("address_in_use", Remedy.TECHNICIAN)


def test_spoilt_calls_are_sent_again_and_nobody_is_lost(tmp_path: Path) -> None:
    simulator = ZkTecoSimulator(tmp_path, every=0)
    with contextlib.closing(simulator), contextlib.closing(made(simulator, poll_seconds=2)) as driver:
        driver.open()
        for number, how in enumerate((Garble.GARBAGE, Garble.SPLIT)):
            simulator.garble(how)
            simulator.street.send(str(1001 + number))
            assert next_one(driver).person == str(1001 + number)


def test_the_stream_of_dahua_ends(tmp_path: Path) -> None:
    simulator = DahuaSimulator(tmp_path, every=0)
    with contextlib.closing(simulator), contextlib.closing(made(simulator)) as driver:
        driver.open()
        simulator.garble(Garble.TRUNCATED)
        simulator.street.send("1001")
        with pytest.raises(LinkError):
            driver.next_report(10)
