"""Face terminals of other makers on the network, and the people who walk up to them."""

import contextlib
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.contract import Garble
from drivers.simulate.many_hosts import Connection, Heard, HttpSimulator, answer
from drivers.simulate.tcp_wire import listen
from drivers.simulate.wire import Spoiler

CHINA: Final = timezone(timedelta(hours=8))
CLOCK_STARTS: Final = datetime(2024, 7, 3, 5, 30, 16, tzinfo=CHINA)
"""What the terminals take for now when they get power: nobody set their clocks."""
_KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who stood before the terminal. `person` is empty for a stranger; degrees Celsius."""

    number: int
    at: datetime
    person: str
    passed: bool
    degrees: float
    masked: bool


class Street:
    """People who come one after the other. Thread-safe.

    Args:
        every: seconds from one to the next; 0 for nobody but those who are sent.
        seed: of who they are.
    """

    def __init__(self, every: float, seed: int) -> None:
        self.every = every
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._began = self._next = time.monotonic()
        self._visits: list[Visit] = []
        self._count = 0

    def now(self) -> datetime:
        """What the terminal's clock says."""
        return CLOCK_STARTS + timedelta(seconds=time.monotonic() - self._began)

    def send(self, person: str, *, passed: bool = True, degrees: float = 36.6, masked: bool = True) -> Visit:
        """Send somebody now."""
        with self._lock:
            return self._add(person, passed=passed, degrees=degrees, masked=masked)

    def visits(self) -> list[Visit]:
        """Everybody until now, the first first; very old ones are forgotten."""
        with self._lock:
            now = time.monotonic()
            while self.every and self._next <= now:
                self._next = max(self._next, now - 5 * self.every) + self.every
                known = self._random.random() < 0.8
                person = str(self._random.randint(1001, 1099)) if known else ""
                degrees = round(self._random.gauss(36.4, 0.3), 1)
                self._add(person, passed=known, degrees=degrees, masked=self._random.random() < 0.5)
            return list(self._visits)

    def _add(self, person: str, *, passed: bool, degrees: float, masked: bool) -> Visit:
        self._count += 1
        visit = Visit(self._count, self.now(), person, passed, degrees, masked)
        self._visits = [*self._visits[-_KEPT:], visit]
        return visit


class HikvisionSimulator(HttpSimulator):
    """A Hikvision face terminal."""

    driver: ClassVar[str] = "access_terminal/hikvision"
    serial: ClassVar[str] = "DS-K1T671-SIMULATED0001"

    def __init__(self, folder: Path, name: str = "access_terminal", every: float = 0.2, *, seed: int = 0) -> None:
        del folder, name  # it is on the network
        self.street = Street(every, seed)
        self.opened = 0
        super().__init__("reporter", "events-only", seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {**super().options, "serial": self.serial}

    def respond(self, heard: Heard, host: Connection) -> None:
        """Answer as the ISAPI guide says."""
        match heard.method, heard.path:
            case "GET", "/ISAPI/System/deviceInfo":
                text = (
                    '<?xml version="1.0" encoding="UTF-8"?>\n<DeviceInfo version="2.0" '
                    'xmlns="http://www.isapi.org/ver20/XMLSchema">\n<deviceName>simulated</deviceName>\n'
                    f"<model>DS-K1T671</model>\n<serialNumber>{self.serial}</serialNumber>\n"
                    "<firmwareVersion>V3.2.30</firmwareVersion>\n</DeviceInfo>\n"
                )
                host.say(answer("200 OK", text.encode(), "application/xml"))
            case "GET", "/ISAPI/System/time":
                now = self.street.now().isoformat(timespec="seconds")
                text = f"<Time><timeMode>manual</timeMode><localTime>{now}</localTime></Time>"
                host.say(answer("200 OK", text.encode(), "application/xml"))
            case "POST", "/ISAPI/AccessControl/AcsEvent":
                host.say(
                    answer("200 OK", json.dumps(self._events(json.loads(heard.body))).encode(), "application/json")
                )
            case "PUT", "/ISAPI/AccessControl/RemoteControl/door/1" if b"<cmd>open</cmd>" in heard.body:
                self.opened += 1
                text = "<ResponseStatus><statusCode>1</statusCode><subStatusCode>ok</subStatusCode></ResponseStatus>"
                host.say(answer("200 OK", text.encode(), "application/xml"))
            case _:
                text = "<ResponseStatus><statusCode>4</statusCode></ResponseStatus>"
                host.say(answer("403 Forbidden", text.encode(), "application/xml"))

    def _events(self, asked: dict[str, dict[str, object]]) -> dict[str, object]:
        condition = asked["AcsEventCond"]
        start = datetime.fromisoformat(str(condition["startTime"]))
        position, most = int(str(condition["searchResultPosition"])), int(str(condition["maxResults"]))
        found = [visit for visit in self.street.visits() if visit.at.replace(microsecond=0) >= start]
        page = found[position : position + most]
        more = position + len(page) < len(found)
        return {
            "AcsEvent": {
                "searchID": condition["searchID"],
                "totalMatches": len(found),
                "responseStatusStrg": "MORE" if more else "OK" if page else "NO MATCH",
                "numOfMatches": len(page),
                "InfoList": [
                    {
                        "major": 5,
                        "minor": 75 if visit.passed else 76,
                        "time": visit.at.isoformat(timespec="seconds"),
                        "cardReaderNo": 1,
                        "doorNo": 1,
                        **({"employeeNoString": visit.person} if visit.person else {}),
                        "serialNo": visit.number,
                        "currentVerifyMode": "cardOrFace",
                        "mask": "yes" if visit.masked else "no",
                        "thermometryUnit": "celsius",
                        "currTemperature": visit.degrees,
                        "isAbnomalTemperature": visit.degrees > 37.3,
                    }
                    for visit in page
                ],
            }
        }


class DahuaSimulator(HttpSimulator):
    """A Dahua face terminal. What happens is reported to whoever is attached then, and to nobody later.

    Attributes:
        heartbeats: whether it says that it is alive.
    """

    driver: ClassVar[str] = "access_terminal/dahua"
    serial: ClassVar[str] = "SIMULATED00DAHUA1"

    def __init__(self, folder: Path, name: str = "access_terminal", every: float = 0.2, *, seed: int = 0) -> None:
        del folder, name  # it is on the network
        self.street = Street(every, seed)
        self.opened = 0
        super().__init__("reporter", "events-only", seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {**super().options, "serial": self.serial}

    def respond(self, heard: Heard, host: Connection) -> None:
        """Answer as the HTTP API guide says."""
        match heard.path, heard.query.get("action"):
            case "/cgi-bin/magicBox.cgi", "getSerialNo":
                host.say(answer("200 OK", f"sn={self.serial}\r\n".encode()))
            case "/cgi-bin/magicBox.cgi", "getDeviceType":
                host.say(answer("200 OK", b"type=DHI-ASI7213X\r\n"))
            case "/cgi-bin/magicBox.cgi", "getSoftwareVersion":
                host.say(answer("200 OK", b"version=1.000.R,build:2022-07-27\r\n"))
            case "/cgi-bin/accessControl.cgi", "openDoor" if heard.query.get("channel") == "1":
                self.opened += 1
                host.say(answer("200 OK", b"OK\r\n"))
            case "/cgi-bin/eventManager.cgi", "attach":
                self._attach(host, float(heard.query.get("heartbeat", "5")))
            case _:
                host.say(answer("400 Bad Request", b"Error\r\nBad Request!\r\n"))

    def _attach(self, host: Connection, heartbeat: float) -> None:
        told = max((visit.number for visit in self.street.visits()), default=0)
        host.say(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=myboundary\r\n\r\n")
        beat = time.monotonic() + heartbeat
        while not self.gone:
            for visit in self.street.visits():
                if visit.number > told:
                    told = visit.number
                    host.say(_part(_event(visit)))
            if time.monotonic() >= beat:
                beat += heartbeat
                host.say(_part("Heartbeat"))
            self.pause(0.05)


def _event(visit: Visit) -> str:
    utc = round(visit.at.astimezone(UTC).timestamp())
    data = {
        "CardNo": "",
        "CurrentTemperature": visit.degrees,
        "Door": 0,
        "ErrorCode": 0 if visit.passed else 16,
        "IsOverTemperature": int(visit.degrees > 37.3),
        "Mask": 3 if visit.masked else 2,
        "Method": 15,
        "RealUTC": utc,
        "RecNo": visit.number,
        "Status": int(visit.passed),
        "TemperatureUnit": 0,
        "Type": "Entry",
        "UTC": utc,
        "UserID": visit.person,
    }
    return f"Code=AccessControl;action=Pulse;index=0;data={json.dumps(data, indent=3)}\r\n"


def _part(text: str) -> bytes:
    return f"--myboundary\r\nContent-Type: text/plain\r\nContent-Length:{len(text)}\r\n\r\n{text}\r\n".encode()


class _Spoilt(http.client.HTTPConnection):
    """Python's own client, through which the terminal calls; what it sends can be spoilt."""

    spoiler: Spoiler

    def send(self, data: object) -> None:
        """Send bytes, spoilt if a fault is armed."""
        if self.sock is None:
            self.connect()
        pieces = self.spoiler.pieces(data if isinstance(data, bytes) else b"")
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.02)
            self.sock.sendall(piece)


class ZkTecoSimulator:
    """A ZKTeco face terminal with push: it calls the address that was set in its menu.

    Attributes:
        opened: how often its door was opened from afar.
        calls: how often it was answered.
    """

    driver: ClassVar[str] = "access_terminal/zkteco-push"
    serial: ClassVar[str] = "SIMULATED00ZK1"

    def __init__(
        self,
        folder: Path,
        name: str = "access_terminal",
        every: float = 0.2,
        *,
        poll_seconds: float = 0.1,
        serial: str = "",
        seed: int = 0,
    ) -> None:
        del folder, name  # it is on the network
        self.street = Street(every, seed)
        self.opened = self.calls = 0
        self._poll = poll_seconds
        self._called = serial or self.serial
        with listen(0) as free:  # a port that nobody else is given meanwhile
            self._port: int = free.getsockname()[1]
        self._spoiler = Spoiler(seed)
        self._silent_until = 0.0
        self._told = 0
        self._gone = threading.Event()
        self._plug = threading.RLock()
        self._thread: threading.Thread | None = None
        self._line: socket.socket | None = None
        self.replug()

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options: where it will call."""
        here = "127.0.0.1"
        return {"listen": here, "port": self._port, "device": here, "serial": self.serial, "poll_seconds": self._poll}

    def unplug(self) -> None:
        """Call no more, and break off what is under way."""
        with self._plug:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._gone.set()
            line = self._line
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            thread.join()

    def replug(self) -> None:
        """Call again."""
        with self._plug:
            if self._thread is not None:
                return
            self._gone = threading.Event()
            self._silent_until = 0.0
            self._spoiler.arm(None)
            self._thread = threading.Thread(target=self._run, name=f"simulated {self.driver}", daemon=True)
            self._thread.start()

    def garble(self, how: Garble) -> None:
        """Spoil the next call."""
        self._spoiler.arm(how)

    def hang(self, seconds: float) -> None:
        """Do not call for a while."""
        self._silent_until = time.monotonic() + seconds

    def close(self) -> None:
        """Stop for good."""
        self.unplug()

    def _run(self) -> None:
        started = False
        while not self._gone.is_set():
            if time.monotonic() >= self._silent_until:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    if not started:
                        started = b"GET OPTION FROM" in self._call("GET", "cdata", "&options=all&pushver=2.4.1")
                    else:
                        self._report()
                        self._fetch_command()
            self._gone.wait(self._poll)

    def _report(self) -> None:
        for visit in self.street.visits():
            if visit.number <= self._told or self._gone.is_set():
                continue
            line = (
                f"time={visit.at:%Y-%m-%d %H:%M:%S}\tpin={visit.person or 0}\tcardno=0\teventaddr=1"
                f"\tevent={0 if visit.passed else 27}\tinoutstatus=0\tverifytype=15\tindex={visit.number}"
                f"\tsitecode=0\tlinkid=0\tmaskflag={int(visit.masked)}\ttemperature={visit.degrees}\tconvtemperature=0\r\n"
            )
            if self._call("POST", "cdata", "&table=rtlog", line.encode()) != b"OK":
                return  # it will be sent again
            self._told = visit.number

    def _fetch_command(self) -> None:
        command = self._call("GET", "getrequest", "&INFO=ZAM70-NF24HA-Ver3.0.15,1,0,0")
        head, _, text = command.decode("latin-1").strip().partition(":CONTROL DEVICE ")
        if head.startswith("C:"):
            good = text.startswith("0101")
            self.opened += good
            self._call("POST", "devicecmd", "", f"ID={head[2:]}&Return={0 if good else -1}&CMD=CONTROL DEVICE".encode())

    def _call(self, method: str, what: str, query: str, body: bytes | None = None) -> bytes:
        caller = _Spoilt("127.0.0.1", self._port, timeout=2)
        caller.spoiler = self._spoiler
        with contextlib.closing(caller):
            caller.connect()
            self._line = caller.sock
            if self._gone.is_set():
                raise ConnectionAbortedError
            caller.request(method, f"/iclock/{what}?SN={self._called}{query}", body)
            said: bytes = caller.getresponse().read()
        self._line = None
        self.calls += 1
        return said
