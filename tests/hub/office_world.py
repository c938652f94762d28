"""Two halls with desks and staff, a payment gateway and a courier, over real HTTP."""

import contextlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pikepdf
import uuid6

from drivers.simulate.courier_service import CourierServer
from drivers.simulate.payment_gateway import PaymentGatewayServer
from hub.audit.chain import Actor
from hub.office.items import set_home
from hub.office.records import Record, find
from hub.people.staff import StaffRefused, put_member
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Address, Answers, Fate, Paper, Supplement
from kiosk.wire.progress import AskMine, AskResult, Mine, Progress, WhoAsks
from kiosk.wire.requests import Reply, Request

NUMBER = "110101199003070011"
OTHER = "110101198001010010"
ROLES = {"w01": Actor.WINDOW, "b01": Actor.BACK_OFFICE, "s01": Actor.SUPERVISOR, "g01": Actor.ENTRY}
JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


def pdf(words: str = "result", pages: int = 1, **extra: Any) -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(200, 200))
    made.docinfo["/Title"] = words
    for key, value in extra.items():
        made.Root[f"/{key}"] = value
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@dataclass
class World:
    """A running hub with an office in two halls."""

    running: Any

    def write(self, work: Callable[[Any], Any]) -> Any:
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            return work(connection)

    def read(self, work: Callable[[Any], Any]) -> Any:
        with self.running.hub.engine.connect() as connection:
            return work(connection)

    def staff(self, hall: str) -> None:
        now = WallClock().now()

        def add(connection: Any) -> None:
            for staff_id in ROLES:
                with contextlib.suppress(StaffRefused):
                    put_member(connection, hall=hall, staff_id=staff_id, name="王芳", pin="161803", now=now)

        self.write(add)

    def home(self, hall: str, item: str, home: str) -> None:
        self.write(lambda connection: set_home(connection, hall, item, home))

    def clerk(self, hall: str, staff_id: str) -> "Clerk":
        clerk = Clerk(self.running, hall, staff_id)
        self.running.clients.append(clerk.http)  # closed with the terminals'
        return clerk

    def record(self, number: str) -> Record:
        found = self.read(lambda connection: find(connection, number))
        assert isinstance(found, Record)
        return found

    def outside(self, gateway: PaymentGatewayServer | None, courier: CourierServer | None) -> None:
        keys = Path(self.running.data.keys)
        lines = []
        if gateway is not None:
            (keys / "payment.secret").write_bytes(gateway.secret)
            notify = f"{self.running.at.terminals}{routes.OFFICE_PAID}"
            lines.append(
                f'[payment]\nurl = "{gateway.url}"\nmerchant = "hall"\nsecret_file = "keys/payment.secret"\n'
                f'notify_url = "{notify}"\ntimeout_seconds = 2\n'
            )
        if courier is not None:
            (keys / "ems.secret").write_bytes(courier.secret)
            lines.append(
                f'[[courier]]\nname = "ems"\nurl = "{courier.url}"\nclient = "hall"\n'
                'secret_file = "keys/ems.secret"\nlook_minutes = 0.002\ntimeout_seconds = 2\n'
            )
        file = self.running.data.path / "office.toml"
        new = file.with_suffix(".new")
        new.write_text("".join(lines))
        new.replace(file)


class Clerk:
    """A member of staff at the console."""

    def __init__(self, running: Any, hall: str, staff_id: str) -> None:
        self.http = httpx.Client(base_url=running.at.console, trust_env=False, timeout=30)
        self.root = f"/office/{hall}"
        self.staff_id = staff_id
        running.sign_in(self.http, ROLES[staff_id], hall=hall, staff_id=staff_id)

    def page(self, number: str) -> str:
        answer = self.http.get(f"{self.root}/s/{number}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def step(self, record: Record, step: str, **fields: str) -> httpx.Response:
        given = {"version": str(record.version), **{key.replace("__", ":"): each for key, each in fields.items()}}
        return self.http.post(f"{self.root}/s/{record.number}/{step}", data=given)

    def upload(self, record: Record, content: bytes, title: str = "准予决定书") -> httpx.Response:
        return self.http.post(
            f"{self.root}/s/{record.number}/upload", params={"version": record.version, "title": title}, content=content
        )


class Citizen:
    """Somebody at a desk terminal."""

    def __init__(self, terminal: Any, number: str = NUMBER) -> None:
        self.terminal, self.number = terminal, number
        self.person = person_digest(number, bytes.fromhex(terminal.enrolled.hall_key))
        self.identified = msgspec.structs.replace(terminal.person(), number=number)

    @property
    def who(self) -> WhoAsks:
        return WhoAsks(person=self.person, number_sealed=self.terminal.seal(self.identified))

    def address(self) -> bytes:
        sealed = self.terminal.seal(
            Address(name="王小明", phone="13800000000", region="陕西省渭南市临渭区", street="朝阳大街1号")
        )
        return bytes(sealed)

    def paper(self, content: bytes, kind: str = "registration") -> Paper:
        sealed = _seal(self.terminal, content)
        name = self.terminal.upload(sealed)
        return Paper(sha256=name, bytes=len(sealed), kind=kind, captured=WallClock().now(), device="doc")

    def hand_in(self, papers: Sequence[Paper] = (), **changes: Any) -> Any:
        from kiosk.wire.events import Content

        content = Content(person=self.identified, answers={"reason": "lost"})
        given = {
            "papers": tuple(papers),
            "person": self.person,
            "content_sealed": self.terminal.seal(content),
            **changes,
        }
        given_papers = given.pop("papers")
        submission = msgspec.structs.replace(self.terminal.submission(**given), papers=given_papers)
        (answer,) = self.terminal.send(submission)
        assert answer.fate is Fate.STORED, answer
        return submission

    def supply(self, number: str, papers: Sequence[Paper] = (), answers: dict[str, str] | None = None) -> Any:
        event = Supplement(
            id=uuid6.uuid7(),
            number=number,
            person_sealed=self.terminal.seal(self.identified),
            papers=tuple(papers),
            answers_sealed=self.terminal.seal(Answers(answers=answers)) if answers else b"",
            handed_in=WallClock().now(),
        )
        (answer,) = self.terminal.send(event)
        return answer

    def mine(self, number: str = "") -> Mine:
        answer = self.terminal.http.post(
            routes.OFFICE_MINE, content=msgspec.json.encode(AskMine(who=self.who, number=number))
        )
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=Mine)

    def progress(self, number: str) -> Progress:
        (found,) = self.mine(number).submissions
        return found

    def ask(self, wish: Any, request_id: Any = None) -> httpx.Response:
        request = Request(id=request_id or uuid6.uuid7(), made=WallClock().now(), ask=wish)
        answer: httpx.Response = self.terminal.http.post(routes.OFFICE_REQUESTS, content=msgspec.json.encode(request))
        return answer

    def done(self, wish: Any, request_id: Any = None) -> Any:
        answer = self.ask(wish, request_id)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=Reply)

    def result(self, number: str, place: int = 0) -> httpx.Response:
        asked = AskResult(who=self.who, number=number, place=place)
        answer: httpx.Response = self.terminal.http.post(routes.OFFICE_RESULT, content=msgspec.json.encode(asked))
        return answer


def _seal(terminal: Any, content: bytes) -> bytes:
    from kiosk.wire.sealing import seal

    return seal(content, terminal.enrolled.hub_recipient)
