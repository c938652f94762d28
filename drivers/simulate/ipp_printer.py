"""A page printer that does not exist: IPP over HTTP, with a queue, trays and doors that can be tampered with."""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from typing_extensions import override

from drivers.errors import BadFrame
from drivers.page_printer.ipp_message import (
    Attribute,
    Attributes,
    Message,
    Operation,
    Section,
    Tag,
    decode,
    encode,
    first,
    opening,
    words,
)
from drivers.simulate.many_hosts import Connection, Heard, HttpSimulator, answer

QUEUE: Final = "/ipp/print"
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
_PENDING, _PROCESSING, _STOPPED, _CANCELED, _ABORTED, _COMPLETED = 3, 5, 6, 7, 8, 9
_SEVERITY: Final = {"offline": "-report", "paused": ""}  # as CUPS says it
_REASONS: Final = {
    _PENDING: "job-queued",
    _PROCESSING: "job-printing",
    _STOPPED: "printer-stopped",
    _CANCELED: "job-canceled-by-user",
    _ABORTED: "document-format-error",
    _COMPLETED: "job-completed-successfully",
}
_Said = tuple[int, list[tuple[Section, Iterable[Attribute]]]]
"""Status of an answer, and what else it holds."""

Trouble = Literal["media-empty", "door-open", "media-jam", "offline", "paused"]


@dataclass
class Printed:
    """One job.

    Attributes:
        number: counts from one.
        name: as the host called it.
        pdf: the document, once it is there.
        sides: to be printed, copies included.
        done: sides that came out.
        copies: as the host wished.
        duplex: two sides to a sheet.
        state: RFC 8011, `job-state`.
    """

    number: int
    name: str
    copies: int = 1
    duplex: bool = False
    pdf: bytes = b""
    sides: int = 0
    done: float = 0
    state: int = _PENDING

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state >= _CANCELED

    @property
    def sheets(self) -> int:
        """Sheets that came out."""
        return -(-int(self.done) // 2) if self.duplex else int(self.done)


@dataclass
class _Inside:
    jobs: dict[int, Printed] = field(default_factory=dict)
    troubles: set[str] = field(default_factory=set)
    toner_low: bool = False
    accepting: bool = True
    sides_left: int | None = None
    seen: float = 0.0


class IppPrinterSimulator(HttpSimulator):
    """A printer that speaks IPP itself. What it was given waits while it is in trouble and goes on afterwards.

    Args:
        folder: not used; its address is a port.
        name: its name.
        sides_per_second: how fast it prints; 0 is at once.
        two_steps: whether it knows Create-Job and Send-Document; old ones do not.
        counts: whether it counts what came out.
        user: name, for a queue that wants one.
        password: to it.
    """

    driver = "page_printer/ipp"

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        sides_per_second: float = 0,
        two_steps: bool = True,
        counts: bool = True,
        user: str = "",
        password: str = "",
    ) -> None:
        del folder
        self._name = name
        self._speed = sides_per_second
        self._two_steps = two_steps
        self._counts = counts
        self._inside = _Inside()
        self._changed = threading.Condition()
        self._lose: Operation | None = None
        self._operations: Mapping[int, Callable[[Message, Attributes], _Said]] = {
            Operation.GET_PRINTER_ATTRIBUTES: self._describe,
            Operation.GET_JOB_ATTRIBUTES: self._describe_job,
            Operation.CANCEL_JOB: self._cancel,
            Operation.PRINT_JOB: self._print_job,
            Operation.VALIDATE_JOB: lambda _message, _about: (0, []),
            **({Operation.CREATE_JOB: self._create, Operation.SEND_DOCUMENT: self._take} if two_steps else {}),
        }
        super().__init__(user, password)

    @property
    @override
    def options(self) -> Mapping[str, str | int | float | bool]:
        return {**super().options, "queue": QUEUE}

    @property
    def _uri(self) -> str:
        return f"ipp://127.0.0.1:{self.options['port']}{QUEUE}"

    # What happens to it ------------------------------------------------------------------------------------------

    def trouble(self, what: Trouble, *, over: bool = False) -> None:
        """Let something go wrong, or be `over`."""
        with self._changed:
            self._advance()
            (self._inside.troubles.discard if over else self._inside.troubles.add)(what)

    def media_empty_after(self, sides: int) -> None:
        """Let the paper end after so many more sides."""
        with self._changed:
            self._inside.sides_left = sides

    def toner_low(self) -> None:
        """Warn of the toner, and go on."""
        with self._changed:
            self._inside.toner_low = True

    def refuse_jobs(self) -> None:
        """Take no more jobs."""
        with self._changed:
            self._inside.accepting = False

    def lose_answer(self, to: Operation) -> None:
        """Do what is asked next of this kind, but never say so."""
        with self._changed:
            self._lose = to

    def ruin(self) -> None:
        """Find that no document can be read: jobs abort."""
        with self._changed:
            self._inside.troubles.add("ruined")

    # What came of it ---------------------------------------------------------------------------------------------

    @property
    def jobs(self) -> list[Printed]:
        """All jobs, oldest first."""
        with self._changed:
            self._advance()
            return list(self._inside.jobs.values())

    @property
    def printed(self) -> list[Printed]:
        """Those that came out whole."""
        return [job for job in self.jobs if job.state == _COMPLETED]

    def wait_for_jobs(self, count: int, within: float) -> bool:
        """Wait until so many jobs have their document; False when they had not in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: sum(bool(job.pdf) for job in self._inside.jobs.values()) >= count, within
            )

    # The inside --------------------------------------------------------------------------------------------------

    @override
    def replug(self) -> None:
        with self._changed:
            self._inside.seen = time.monotonic()
            for job in self._inside.jobs.values():
                job.state = job.state if job.ended else _ABORTED  # power empties the queue
        super().replug()

    @override
    def respond(self, heard: Heard, host: Connection) -> None:
        if heard.path != QUEUE:
            host.say(answer("404 Not Found"))
            return
        if heard.method != "POST" or heard.headers.get("content-type") != "application/ipp":
            host.say(answer("405 Method Not Allowed"))
            return
        try:
            message = decode(heard.body)
        except BadFrame:
            host.say(answer("400 Bad Request"))
            return
        with self._changed:
            self._advance()
            body = self._answer(message)
            self._advance()
            self._changed.notify_all()
            lost = self._lose == message.code
            if lost:
                self._lose = None
        if lost:
            self.pause(60)
        else:
            host.say(answer("200 OK", body, "application/ipp"))

    def _answer(self, message: Message) -> bytes:
        about = message.group(Section.OPERATION)
        do = self._operations.get(message.code)
        said: _Said
        if message.number < 1 or list(about)[:2] != ["attributes-charset", "attributes-natural-language"]:
            said = 0x0400, []
        elif do is None:
            said = 0x0501, []
        else:
            said = do(message, about)
        code, groups = said
        return encode(code, message.number, [(Section.OPERATION, opening()), *groups])

    def _advance(self) -> None:
        """Print what could be printed since the last look."""
        inside, now = self._inside, time.monotonic()
        room = (now - inside.seen) * self._speed if self._speed else 1e9
        inside.seen = now
        for job in inside.jobs.values():
            if job.ended or not job.pdf:
                continue
            if "ruined" in inside.troubles:
                job.state = _ABORTED
                continue
            if inside.troubles:
                job.state = _STOPPED if job.state in {_PROCESSING, _STOPPED} else _PENDING
                return
            job.state = _PROCESSING
            before = int(job.done)
            job.done = min(job.sides, job.done + room)
            room = 0
            if inside.sides_left is not None and int(job.done) - before >= inside.sides_left:
                job.done = min(job.done, before + inside.sides_left)
                inside.sides_left = None
                inside.troubles.add("media-empty")
                job.state = _STOPPED
                return
            if inside.sides_left is not None:
                inside.sides_left -= int(job.done) - before
            if job.done >= job.sides:
                job.state = _COMPLETED
            elif self._speed:
                return

    def _describe(self, _message: Message, about: Attributes) -> _Said:
        inside = self._inside
        waiting = sum(not job.ended for job in inside.jobs.values())
        reasons = [
            *(name + _SEVERITY.get(name, "-error") for name in sorted(inside.troubles - {"ruined"})),
            *(["toner-low-warning"] if inside.toner_low else []),
        ]
        stopped = bool(inside.troubles - {"ruined", "offline"})
        uri = self._uri
        known = [
            _words("printer-uri-supported", Tag.URI, uri),
            _words("uri-security-supported", Tag.KEYWORD, "none"),
            _words("uri-authentication-supported", Tag.KEYWORD, "none"),
            _words("printer-name", Tag.NAME, self._name),
            _words("printer-info", Tag.TEXT, self._name),
            _words("printer-location", Tag.TEXT, ""),
            _words("printer-more-info", Tag.URI, f"http://127.0.0.1:{self.options['port']}/"),
            _words("printer-make-and-model", Tag.TEXT, "HALL SIM-A4"),
            _words("printer-uuid", Tag.URI, "urn:uuid:00000000-0000-4000-8000-000000000001"),
            _words("printer-firmware-string-version", Tag.TEXT, "1.00"),
            Attribute("printer-state", Tag.ENUM, (5 if stopped else 4 if waiting else 3,)),
            _words("printer-state-reasons", Tag.KEYWORD, *(reasons or ["none"])),
            Attribute("printer-is-accepting-jobs", Tag.BOOLEAN, (inside.accepting,)),
            Attribute("printer-up-time", Tag.INTEGER, (max(1, int(time.monotonic())),)),
            Attribute("queued-job-count", Tag.INTEGER, (waiting,)),
            Attribute("operations-supported", Tag.ENUM, tuple(self._operations)),
            _words("ipp-versions-supported", Tag.KEYWORD, "1.1", "2.0"),
            _words("charset-configured", Tag.CHARSET, "utf-8"),
            _words("charset-supported", Tag.CHARSET, "utf-8"),
            _words("natural-language-configured", Tag.LANGUAGE, "en"),
            _words("generated-natural-language-supported", Tag.LANGUAGE, "en"),
            _words("document-format-default", Tag.MIME, "application/pdf"),
            _words("document-format-supported", Tag.MIME, "application/pdf"),
            _words("compression-supported", Tag.KEYWORD, "none"),
            _words("pdl-override-supported", Tag.KEYWORD, "attempted"),
            _words("sides-supported", Tag.KEYWORD, "one-sided", "two-sided-long-edge"),
        ]
        wanted = words(about, "requested-attributes") or ("all",)
        chosen = [one for one in known if one.name in wanted or {"all", "printer-description"} & set(wanted)]
        media = _MEDIA if {"all", "media-col-default"} & set(wanted) else ()
        return 0, [(Section.PRINTER, [*chosen, *media])]

    def _create(self, message: Message, about: Attributes) -> _Said:
        if not self._inside.accepting:
            return 0x0506, []
        wishes = message.group(Section.JOB)
        job = Printed(
            number=len(self._inside.jobs) + 1,
            name=str(first(about, "job-name", "")),
            copies=int(first(wishes, "copies", 1)),
            duplex=first(wishes, "sides", "one-sided") != "one-sided",
        )
        self._inside.jobs[job.number] = job
        return 0, [(Section.JOB, self._job(job))]

    def _print_job(self, message: Message, about: Attributes) -> _Said:
        code, groups = self._create(message, about)
        if not code:
            job = self._inside.jobs[len(self._inside.jobs)]
            code = self._receive(job, message)
        return code, groups

    def _take(self, message: Message, about: Attributes) -> _Said:
        job = self._inside.jobs.get(int(first(about, "job-id", 0)))
        if job is None:
            return 0x0406, []
        if job.pdf or job.ended:
            return 0x0404, []
        code = self._receive(job, message)
        return code, [(Section.JOB, self._job(job))]

    def _receive(self, job: Printed, message: Message) -> int:
        if not message.data.startswith(b"%PDF-"):
            job.state = _ABORTED
            return 0x0411
        job.pdf = message.data
        job.sides = max(1, len(_PAGE.findall(message.data))) * job.copies
        return 0

    def _describe_job(self, _message: Message, about: Attributes) -> _Said:
        job = self._inside.jobs.get(int(first(about, "job-id", 0)))
        return (0x0406, []) if job is None else (0, [(Section.JOB, self._job(job))])

    def _cancel(self, _message: Message, about: Attributes) -> _Said:
        job = self._inside.jobs.get(int(first(about, "job-id", 0)))
        if job is None:
            return 0x0406, []
        if job.ended:
            return 0x0404, []
        job.state = _CANCELED
        return 0, []

    def _job(self, job: Printed) -> list[Attribute]:
        counted = [
            Attribute("job-impressions-completed", Tag.INTEGER, (int(job.done),)),
            Attribute("job-media-sheets-completed", Tag.INTEGER, (job.sheets,)),
        ]
        return [
            Attribute("job-id", Tag.INTEGER, (job.number,)),
            _words("job-uri", Tag.URI, f"{self._uri}/{job.number}"),
            Attribute("job-state", Tag.ENUM, (job.state,)),
            _words("job-state-reasons", Tag.KEYWORD, _REASONS[job.state]),
            *(counted if self._counts else []),
        ]


_MEDIA: Final = (  # A4, in hundredths of a millimetre
    Attribute("media-col-default", Tag.OPEN_COLLECTION, (b"",)),
    Attribute("", Tag.MEMBER, ("media-size",)),
    Attribute("", Tag.OPEN_COLLECTION, (b"",)),
    Attribute("", Tag.MEMBER, ("x-dimension",)),
    Attribute("", Tag.INTEGER, (21000,)),
    Attribute("", Tag.MEMBER, ("y-dimension",)),
    Attribute("", Tag.INTEGER, (29700,)),
    Attribute("", Tag.CLOSE_COLLECTION, (b"",)),
    Attribute("", Tag.CLOSE_COLLECTION, (b"",)),
)


def _words(name: str, tag: Tag, *values: str) -> Attribute:
    return Attribute(name, tag, values)
