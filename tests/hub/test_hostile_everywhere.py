"""SQL, HTML and formulas in every text field there is: of the wire, of what is sealed, of every form of the console.

Nothing is listed by hand: the wire's structs and the console's own pages say which fields there are.
"""

import csv
import io
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from msgspec import inspect

from benchmarks.postgres import NoPostgres, postgres
from hub.api import described
from hub.audit.verify import verify
from hub.console.access import _SECTIONS as SECTIONS
from hub.office.roles import ROLES
from hub.supervision.export import harmless
from kiosk.clock import WallClock
from kiosk.wire import routes
from kiosk.wire.events import (
    Address,
    Answer,
    Answers,
    CallbackNumber,
    Content,
    Envelope,
    Event,
    Fate,
    OpinionWords,
    Person,
)
from kiosk.wire.fleet import Health
from kiosk.wire.texts import TextsWanted
from tests.hub.conftest import RunningHub, running_in
from tests.hub.hostile import TAG, TEXTS, Asked, Page, filled, kinds_of, made

pytestmark = pytest.mark.timeout(300)
HALL = "weinan"
ON_PURPOSE = frozenset({503, 507})
SEALED: dict[str, Any] = {
    "person_sealed": Person,
    "content_sealed": Content,
    "address_sealed": Address,
    "answers_sealed": Answers,
    "words_sealed": OpinionWords,
    "number_sealed": Person,
    "texts_sealed": TextsWanted,
}
"""What is in a sealed field, by its name."""
NEED_MORE = frozenset({"Supplement", "DeliveryWanted", "DraftHandedOver"})
"""Events that are only taken for a submission in the right state, or with a file: refused in words here."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            try:
                url = stack.enter_context(postgres()).url
            except NoPostgres as error:
                pytest.skip(str(error))
        yield stack.enter_context(running_in(tmp_path_factory.mktemp("hostile"), url))


class Hostile:
    """A terminal that fills every field with one text."""

    def __init__(self, terminal: Any, text: str) -> None:
        self.terminal, self.text, self.now = terminal, text, WallClock().now()
        self.given = {
            "number": f"{terminal.enrolled.receipt_range:06d}{next(terminal.seqs):08d}",
            "terminal": terminal.enrolled.terminal,
        }
        self.ids: dict[str, Any] = {}

    def of(self, kind: Any) -> Any:
        """A value of a type, as JSON knows it."""
        return made(inspect.type_info(kind), self.text, self.now, self._fill)

    def _fill(self, struct: str, name: str) -> object:  # noqa: PLR0911  a line a field
        if name in SEALED:
            inside = CallbackNumber if struct == "CallbackWanted" else SEALED[name]
            return self.terminal.seal(msgspec.convert(self.of(inside), type=inside, strict=False))
        match struct, name:
            case "Submission" | "Supplement" | "DeliveryWanted", "number":
                return self.given["number"]
            case "Opinion", "number":
                return ""
            case "Health", "terminal":
                return self.given["terminal"]
            case "Submission", "payment" | "promised" | "home":
                return None if name != "home" else ""
            case _, "papers":
                return []
            case "Paper" | "Health", "release":
                return None
            case "PassageEnded", "passage":
                return self.ids["Passage"]
            case "ReceiptGiven", "submission":
                return self.ids["Submission"]
            case "StaffAction", "act":
                return "opened"  # others need a person who was referred
            case "StaffAction", "passage":
                return None
        return ...

    def events(self) -> Iterator[tuple[str, bytes]]:
        """One of each kind, encoded as a terminal would."""
        for kind in kinds_of(Event):
            value = self.of(kind)
            self.ids[kind.__name__] = value["id"]
            envelope = {"seq": next(self.terminal.seqs), "made": self.now, "event": value}
            body = msgspec.json.encode(envelope)
            msgspec.json.decode(body, type=Envelope)  # it keeps to the wire: the text alone is hostile
            yield kind.__name__, body


def one_page(http: httpx.Client, address: str) -> tuple[int, str, Page | None]:
    """What is there: its status, and the page unless it is a file or a stream that does not end."""
    with http.stream("GET", address) as answer:
        kind = answer.headers.get("content-type", "")
        if "event-stream" in kind or not kind.startswith("text/html"):
            return answer.status_code, kind, None
        answer.read()
        return answer.status_code, kind, Page(address, answer.text)


def walk(http: httpx.Client, *begin: str) -> tuple[dict[str, Page], list[Asked], set[str]]:
    """Every page that can be reached; each form once; addresses of files."""
    pages: dict[str, Page] = {}
    forms: dict[tuple[str, ...], Asked] = {}
    files: set[str] = set()
    waiting, seen, shapes = deque(begin), set(begin), Counter[str]()
    while waiting:
        address = waiting.popleft()
        status, kind, page = one_page(http, address)
        assert status < 500, (address, status)
        if page is None:
            files.add(address)
            continue
        assert page.hostile == [], (address, page.hostile)
        pages[address] = page
        for form in page.forms:
            forms.setdefault((form.action.partition("?")[0], *(each.name for each in form.fields)), form)
        for link in sorted(page.links):
            shape = "/".join(part if part.isalpha() else "*" for part in link.partition("?")[0].split("/"))
            if link.startswith("/") and link not in seen and not link.startswith("/static") and shapes[shape] < 8:
                shapes[shape] += 1
                seen.add(link)
                waiting.append(link)
        assert kind
    return pages, list(forms.values()), files


def no_formula(http: httpx.Client, address: str) -> None:
    answer = http.get(address)
    assert answer.status_code == 200, address
    if ".csv" in address:
        for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")):
            assert [cell for cell in row if harmless(cell) != cell and not cell.lstrip("-").isdecimal()] == []
    elif ".xlsx" in address:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            for name in book.namelist():
                assert b"<f>" not in book.read(name), name
                assert b"hyperlink" not in book.read(name).lower() or "sheet" not in name, name


def signed_in(city: RunningHub, http: httpx.Client) -> None:
    city.sign_in(http, *ROLES, hall="", staff_id="everything")


@pytest.fixture(scope="module")
def fates(city: RunningHub) -> dict[str, set[Fate]]:
    """What became of one event of each kind with each text in it; and of every other body that terminals send."""
    found: dict[str, set[Fate]] = {}
    for text in TEXTS:
        for role in ("gate", "desk"):
            hostile = Hostile(city.terminal(role, HALL), text)
            http = hostile.terminal.http
            for kind, body in hostile.events():
                answer = http.post(routes.EVENTS, content=b"[" + body + b"]")
                assert answer.status_code == 200, (kind, text, answer.text)
                (told,) = msgspec.json.decode(answer.content, type=list[Answer])
                found.setdefault(kind, set()).add(told.fate)
                assert told.fate is Fate.STORED or told.detail, (kind, text)
            health = http.post(routes.HEALTH, content=msgspec.json.encode(hostile.of(Health)))
            assert health.status_code == (422 if "\0" in text else 200), health.text
            for (method, path), kind in described._BODIES.items():
                address = path.replace("{number}", "1").replace("{call}", "1")
                answer = http.request(method.upper(), address, content=msgspec.json.encode(hostile.of(kind)))
                assert answer.status_code < 500 or answer.status_code in ON_PURPOSE, (path, text, answer.text)
    return found


def test_every_text_of_the_wire_is_taken_or_refused_in_words(fates: dict[str, set[Fate]]) -> None:
    assert fates.keys() == {kind.__name__ for kind in kinds_of(Event)}
    assert {kind for kind, seen in fates.items() if Fate.STORED not in seen} <= NEED_MORE


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_form_and_page_of_the_console(city: RunningHub, fates: dict[str, set[Fate]]) -> None:
    assert fates
    http = httpx.Client(base_url=city.at.console, trust_env=False, timeout=30)
    city.clients.append(http)
    begin = ("/", "/me", f"/board/{HALL}", *(path for path, _ in SECTIONS))
    signed_in(city, http)
    pages, forms, _ = walk(http, *begin)
    assert len(pages) > 40, sorted(pages)
    statuses: Counter[int] = Counter()
    for number, form in enumerate(forms):
        if form.action.startswith("/sign-out") or form.method != "post":
            continue
        for turn, data in enumerate(filled(form, TEXTS[number % len(TEXTS)])):
            signed_in(city, http)  # a form may have ended this session
            answer = http.post(form.action, data=data)
            statuses[answer.status_code] += 1
            assert answer.status_code < 500 or answer.status_code in ON_PURPOSE, (form, data, turn)
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert Page(form.action, answer.text).hostile == [], form
    signed_in(city, http)
    for text in TEXTS:
        for address in (f"/office/{HALL}?q={quote(text)}", f"/office/{HALL}/s/{quote(text, safe='')}"):
            assert http.get(address).status_code < 500, address
    pages, _, files = walk(http, *begin)
    assert any(TAG in http.get(address).text for address in pages)  # the texts are there, as texts
    tables = {address for address in files if "export" in address}
    assert tables
    for address in tables:
        no_formula(http, address)
    assert statuses.keys() >= {303, 409, 422}  # some do something, some are refused
    with city.hub.engine.connect() as connection:
        assert not verify(connection).problems
