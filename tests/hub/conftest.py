"""A real hub on free ports, enrolled terminals, and invented events."""

import hashlib
import itertools
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uuid6
from anyio.from_thread import start_blocking_portal

from hub.app import Hub
from hub.audit.chain import Actor, Who
from hub.data import DataFolder, Serving
from hub.fleet.enrolment import ensure_hall, make_code
from hub.people.accounts import find_account, put_account
from hub.people.sessions import open_session
from hub.rules.publish import publish_shipped
from hub.serve import Listening, serving
from kiosk.clock import WallClock
from kiosk.wire import VERSION, routes
from kiosk.wire.digest import person_digest
from kiosk.wire.events import (
    Answer,
    Content,
    Crossed,
    Envelope,
    Event,
    Paper,
    Passage,
    PassageEnded,
    Person,
    ReceiptGiven,
    Submission,
)
from kiosk.wire.evidence import (
    Band,
    CodeChecked,
    CodeStatus,
    DocumentKind,
    Evidence,
    FaceCompared,
    IdentityRead,
    NotMeasured,
    TemperatureTaken,
    Why,
)
from kiosk.wire.fleet import Enrolled, EnrolmentTicket
from kiosk.wire.rules import Decision, Reason, Verdict
from kiosk.wire.sealing import seal
from provisioning.enrol import enrol

NUMBER = "110101199003070011"


@dataclass
class Terminal:
    """An enrolled terminal, as a thing that sends."""

    http: httpx.Client
    folder: Path
    enrolled: Enrolled
    seqs: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def person(self) -> Person:
        return Person(name="王小明", number=NUMBER, document="resident", address="渭南市临渭区朝阳大街1号")

    def seal(self, what: object) -> bytes:
        return seal(msgspec.json.encode(what), self.enrolled.hub_recipient)

    def passage(self, **changes: Any) -> Passage:
        now = WallClock().now()
        evidence = Evidence(
            identity=IdentityRead(
                document=DocumentKind.RESIDENT,
                person=person_digest(NUMBER, bytes.fromhex(self.enrolled.hall_key)),
                number_is_valid=True,
                valid_from=now.date(),
                valid_to=None,
                device="id",
                at=now,
            ),
            face=FaceCompared(
                band=Band.ACCEPT, engine="sface", model=hashlib.sha256(b"w").hexdigest(), frames=5, device="cam", at=now
            ),
            temperature=TemperatureTaken(
                object_c=36.4, ambient_c=22, spread_c=0.1, readings=5, device="thermo", at=now
            ),
            code=CodeChecked(status=CodeStatus.VALID, code_id="ABCDEFGH", device="scan", at=now),
            occupancy=NotMeasured(why=Why.NOT_REQUIRED),
        )
        given: dict[str, Any] = {
            "id": uuid6.uuid7(),
            "lane": "1",
            "began": now - timedelta(seconds=4),
            "decided": now,
            "evidence": evidence,
            "decision": Decision(verdict=Verdict.ADMIT, reasons=(Reason.ALL_IN_ORDER,), rules_version=1),
            "name_masked": "王*明",
            "number_masked": "110101********0011",
            "person_sealed": self.seal(self.person()),
        }
        return Passage(**{**given, **changes})

    def ended(self, passage: Passage, crossed: Crossed = Crossed.PASSED) -> PassageEnded:
        return PassageEnded(id=uuid6.uuid7(), passage=passage.id, crossed=crossed, ended=WallClock().now())

    def submission(self, papers: Sequence[bytes] = (), **changes: Any) -> Submission:
        now = WallClock().now()
        given: dict[str, Any] = {
            "id": uuid6.uuid7(),
            "number": f"{self.enrolled.receipt_range:06d}{next(self.seqs):08d}",
            "item": "social-card-replacement",
            "item_version": 1,
            "began": now - timedelta(minutes=3),
            "submitted": now,
            "person": person_digest(NUMBER, bytes.fromhex(self.enrolled.hall_key)),
            "name_masked": "王*明",
            "number_masked": "110101********0011",
            "content_sealed": self.seal(Content(person=self.person(), answers={"reason": "卡片遗失"})),
            "papers": tuple(
                Paper(
                    sha256=hashlib.sha256(paper).hexdigest(), bytes=len(paper), kind="proof", captured=now, device="doc"
                )
                for paper in papers
            ),
        }
        return Submission(**{**given, **changes})

    def receipt(self, submission: Submission) -> ReceiptGiven:
        return ReceiptGiven(id=uuid6.uuid7(), submission=submission.id, printed=True, given=WallClock().now())

    def encode(self, event: Event) -> bytes:
        return msgspec.json.encode(Envelope(seq=next(self.seqs), made=WallClock().now(), event=event))

    def post(self, *bodies: bytes) -> httpx.Response:
        return self.http.post(routes.EVENTS, content=b"[" + b",".join(bodies) + b"]")

    def send(self, *events: Event) -> list[Answer]:
        return self.post_bodies(*(self.encode(event) for event in events))

    def post_bodies(self, *bodies: bytes) -> list[Answer]:
        response = self.post(*bodies)
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=list[Answer])

    def put(self, name: str, offset: int, total: int, chunk: bytes) -> httpx.Response:
        return self.http.put(
            f"{routes.PAPERS}/{name}",
            content=chunk,
            headers={"Content-Range": f"bytes {offset}-{offset + len(chunk) - 1}/{total}"},
        )

    def upload(self, paper: bytes) -> str:
        name = hashlib.sha256(paper).hexdigest()
        assert self.put(name, 0, len(paper), paper).status_code == 204
        return name


@dataclass
class RunningHub:
    """A hub that serves, and its parts."""

    hub: Hub
    at: Serving
    data: DataFolder
    folder: Path
    names: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    clients: list[httpx.Client] = field(default_factory=list)

    def ticket(self, terminal: str, role: str = "gate", hall: str = "weinan") -> EnrolmentTicket:
        with self.hub.engine.execution_options(writes=True).begin() as connection:
            now = self.hub.now()
            code = make_code(connection, hall, terminal, role, now)
            publish_shipped(connection, self.hub.signing, hall, now)
        return EnrolmentTicket(url=self.at.terminals, code=code, ca_sha256=self.hub.authority.fingerprint)

    def client(self, certificate: Path | None = None, key: Path | None = None) -> httpx.Client:
        context = ssl.create_default_context(cadata=self.hub.authority.pem)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
        client = httpx.Client(
            base_url=self.at.terminals,
            verify=context,
            headers={routes.WIRE_HEADER: str(VERSION)},
            trust_env=False,
            timeout=30,
        )
        self.clients.append(client)
        return client

    def terminal(self, role: str = "gate", hall: str = "weinan") -> Terminal:
        name = f"{role}-{next(self.names)}"
        folder = self.folder / f"identity-{hall}-{name}"
        enrol(self.ticket(name, role, hall), folder, WallClock(), lambda _step: None, with_tpm=False)
        enrolled = msgspec.json.decode((folder / "enrolled.json").read_bytes(), type=Enrolled)
        return Terminal(self.client(folder / "certificate.pem", folder / "key.pem"), folder, enrolled)

    def sign_in(
        self, browser: httpx.Client | None, *roles: str, hall: str = "", staff_id: str = "", name: str = "王芳"
    ) -> str:
        """Put somebody's session into a client: in these roles, of a hall or of all. The token, for other browsers."""
        given = frozenset(Actor(each) for each in roles)
        staff_id = staff_id or "-".join(sorted(roles))[:32]
        by = Who(Actor.OPERATOR)
        with self.hub.engine.execution_options(writes=True).begin() as connection:
            now = self.hub.now()
            if hall:
                ensure_hall(connection, hall, now)
            put_account(connection, hall=hall, account_id=staff_id, name=name, roles=given, by=by, now=now)
            account = find_account(connection, hall, staff_id)
            assert account is not None
            token = open_session(connection, account, "password", now)
        if browser is not None:
            browser.cookies.set("session", token)
        return token

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.hub.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql, values)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_in(tmp_path_factory.mktemp("hub")) as hall:
        yield hall


@contextmanager
def running_in(folder: Path, database_url: str | None = None) -> Iterator[RunningHub]:
    """A hub that serves from a folder, on SQLite or on the database given."""
    data = DataFolder(folder / "data")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            serving(data, Listening(console_port=0, terminal_port=0, phone_port=0), WallClock(), database_url)
        ) as (
            hub,
            at,
        ),
    ):
        hall = RunningHub(hub, at, data, folder)
        yield hall
        for client in hall.clients:
            client.close()


@pytest.fixture
def terminal(running: RunningHub) -> Terminal:
    return running.terminal()
