"""Page printers through CUPS, or by themselves, over IPP (RFC 8010, RFC 8011; PWG 5100.14, IPP Everywhere).

A job is made first and gets its document then, where the printer can: so a job whose answer was lost has a number, and
can be looked after instead of being printed again.
"""

import threading
import time
from collections.abc import Iterable
from typing import ClassVar, Final

from pydantic import Field
from typing_extensions import override

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, DriverError, Effect, LinkError, NoAnswer, Remedy, WrongDevice
from drivers.kinds import PageJob, PagePrinterStatus
from drivers.page_printer.ipp_message import (
    Attribute,
    Attributes,
    Message,
    Operation,
    Section,
    Tag,
    Value,
    decode,
    encode,
    first,
    opening,
    words,
)
from drivers.transport.http import HttpDevice

STATUS_WITHIN = 1.9
PRINT_WITHIN = 115.0  # and cancelling makes 120
_DOCUMENT_WITHIN = 30.0
_LOOK_EVERY = 0.5
_CANCEL_WITHIN = 2.0
_CONNECT_WITHIN = 20.0  # CUPS looks for the printer for so long at most; usually it takes a second

_STOPPED = 5  # printer-state
_JOB_CANCELED, _JOB_ABORTED, _JOB_COMPLETED = 7, 8, 9
_NO_SUCH_QUEUE, _NOT_POSSIBLE, _NOT_AUTHORISED = 0x0406, 0x0404, (0x0401, 0x0402, 0x0403)
_PDF = ("application/pdf", "application/octet-stream")
_NOT_A_PRINTER = (404, 405, 501)

_FAULTS: Final = {
    "media-empty": "paper_out",
    "media-needed": "paper_out",
    "media-jam": "paper_jam",
    "cover-open": "cover_open",
    "door-open": "cover_open",
    "interlock-open": "cover_open",
    "output-area-full": "tray_full",
    "toner-empty": "toner_empty",
    "marker-supply-empty": "toner_empty",
    "offline": "offline",
    "shutdown": "offline",
    "timed-out": "offline",
    "paused": "paused",
    "moving-to-paused": "paused",
    "cups-remote-stopped": "paused",
}
"""What keeps a page from coming out (RFC 8011, 5.4.12; CUPS's own), and the name of the fault."""
_WITHOUT_SEVERITY = ("offline", "shutdown")  # CUPS only reports them, but nothing comes out
_REMEDIES: Final = {"offline": Remedy.ATTENDANT, "paused": Remedy.TECHNICIAN}

_ASKED_OF_PRINTER = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "queued-job-count",
    "printer-make-and-model",
    "printer-uuid",
    "printer-firmware-string-version",
    "document-format-supported",
    "operations-supported",
)
_ASKED_OF_JOB = ("job-state", "job-state-reasons", "job-impressions-completed", "job-media-sheets-completed")


class IppOptions(Options):
    """Where the queue is.

    Attributes:
        host: of CUPS, or of the printer itself.
        port: TCP port.
        queue: path of the queue: `/printers/NAME` with CUPS, `/ipp/print` with a printer itself.
        user: name, where the queue wants one.
        password: to it.
    """

    host: str = "localhost"
    port: int = Field(default=631, ge=1, le=65535)
    queue: str = Field(default="/ipp/print", pattern=r"^/[!-~]+$")
    user: str = ""
    password: str = ""


def fault_in(state: int, reasons: Iterable[str], *, accepting: bool) -> str:
    """What keeps the printer from printing; empty when nothing does.

    Args:
        state: `printer-state`: 3 idle, 4 processing, 5 stopped.
        reasons: `printer-state-reasons`.
        accepting: `printer-is-accepting-jobs`.
    """
    for reason in reasons:
        name = reason.removesuffix("-error").removesuffix("-warning").removesuffix("-report")
        severe = reason == name or reason.endswith("-error") or state == _STOPPED
        if name in _FAULTS and (severe or name in _WITHOUT_SEVERITY):
            return _FAULTS[name]
    if state == _STOPPED:
        return "stopped"
    if any(reason.endswith("-error") for reason in reasons):
        return "unknown"
    return "" if accepting else "not_accepting"


class CupsIpp(Driver):
    """A queue of CUPS, or a printer that speaks IPP itself."""

    key: ClassVar[str] = "page_printer/ipp"
    kind: ClassVar[Kind] = Kind.PAGE_PRINTER
    options: ClassVar[type[Options]] = IppOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR, "ippeveprinter of CUPS, another implementation; a simulator that ipptool agrees with"
        ),
    )

    def __init__(self, options: IppOptions) -> None:
        self._options = options
        self._http = HttpDevice(options.host, options.port, (options.user, options.password))
        self._uri = f"ipp://{options.host}:{options.port}{options.queue}"
        self._number = 0
        self._two_steps = False
        self._closed = threading.Event()

    @override
    def open(self) -> Identity:
        """Ask the queue what it is.

        Raises:
            NotPresent: nobody listens there.
            WrongDevice: what answers is no printer, or has no such queue.
            DeviceFault: `no_pdf`, it cannot print PDF; `not_authorised`.
        """
        self._closed.clear()
        self._http.open()
        try:
            printer = self._ask_printer()
            formats = words(printer, "document-format-supported")
            if formats and not any(one in formats for one in _PDF):
                raise DeviceFault("no_pdf", f"{self._uri} prints {', '.join(formats)}", remedy=Remedy.TECHNICIAN)
            operations = printer.get("operations-supported", ())
            self._two_steps = {Operation.CREATE_JOB, Operation.SEND_DOCUMENT} <= set(operations)
        except DriverError:
            self._http.close()
            raise
        maker, _, model = _text(printer, "printer-make-and-model").partition(" ")
        return Identity(
            maker=maker,
            model=model,
            serial=_text(printer, "printer-uuid").removeprefix("urn:uuid:"),
            firmware=_text(printer, "printer-firmware-string-version"),
        )

    @override
    def probe(self) -> None:
        """Ask for the state.

        Raises:
            DriverError: it did not answer as a printer does.
        """
        self._ask_printer()

    @override
    def close(self) -> None:
        self._closed.set()
        self._http.close()

    def status(self) -> PagePrinterStatus:
        """Ask the queue how it is. Takes at most 2 s."""
        printer = self._ask_printer()
        return PagePrinterStatus(
            ready=not _fault(printer),
            reasons=tuple(reason for reason in words(printer, "printer-state-reasons") if reason != "none"),
            waiting=_count(printer, "queued-job-count"),
        )

    def print(self, job: PageJob) -> int:
        """Print and wait until it is out. Takes at most 120 s. A job that cannot come out is cancelled.

        Returns:
            Sheets, or else sides, that the printer says it completed; 0 where it does not count.

        Raises:
            DeviceFault: `paper_out`, `cover_open`, `paper_jam`, `toner_empty`, `tray_full`, `offline`, `paused`,
                `stopped`, `not_accepting`, `job_refused`, `job_aborted`, `job_canceled`; `effect` NO when no page came
                out and none will, UNKNOWN otherwise.
            NoAnswer: it was not done in time; `effect` UNKNOWN.
            DriverError: as for any call.
        """
        deadline = time.monotonic() + PRINT_WITHIN
        try:
            fault = _fault(self._ask_printer())
        except DriverError as error:
            error.effect = Effect.NO
            raise
        if fault:
            raise _trouble(fault, Effect.NO)
        return self._see_through(self._hand_in(job, deadline), deadline)

    # -----------------------------------------------------------------------------------------------------------
    # A job

    def _hand_in(self, job: PageJob, deadline: float) -> int:
        """Give the job to the printer, and return its number."""
        about = (
            Attribute("requesting-user-name", Tag.NAME, ("kiosk",)),
            Attribute("job-name", Tag.NAME, (job.name,)),
        )
        wishes = (
            Attribute("copies", Tag.INTEGER, (job.copies,)),
            Attribute("sides", Tag.KEYWORD, ("two-sided-long-edge" if job.duplex else "one-sided",)),
        )
        kind = Attribute("document-format", Tag.MIME, ("application/pdf",))
        until = min(deadline, time.monotonic() + _DOCUMENT_WITHIN)
        if not self._two_steps:
            answer = self._ask(Operation.PRINT_JOB, (*about, kind), until, wishes=wishes, data=job.pdf)
            return _number(answer)
        try:
            number = _number(self._ask(Operation.CREATE_JOB, about, until, wishes=wishes))
        except DriverError as error:
            error.effect = Effect.NO  # a job without a document prints nothing
            raise
        document = (
            Attribute("job-id", Tag.INTEGER, (number,)),
            about[0],
            kind,
            Attribute("last-document", Tag.BOOLEAN, (True,)),
        )
        try:
            self._ask(Operation.SEND_DOCUMENT, document, until, data=job.pdf)
        except DeviceFault:
            self._cancel(number)
            raise
        except (NoAnswer, LinkError, BadFrame) as error:
            if error.effect is Effect.NO:
                self._cancel(number)
                raise
            # it may have it: the job's own state tells
        return number

    def _see_through(self, number: int, deadline: float) -> int:
        """Watch the job until it has ended."""
        connecting_since = time.monotonic()
        while True:
            job, printer = self._watch(number)
            state = _count(job, "job-state")
            sides = _count(job, "job-impressions-completed")
            sheets = _count(job, "job-media-sheets-completed")
            nothing = Effect.NO if not sides and not sheets and _counts(job) else Effect.UNKNOWN
            if state == _JOB_COMPLETED:
                return sheets or sides
            if state in {_JOB_CANCELED, _JOB_ABORTED}:
                raise _trouble("job_canceled" if state == _JOB_CANCELED else "job_aborted", nothing)
            fault = _fault(printer, accepting=True)
            if "connecting-to-device" not in words(printer, "printer-state-reasons"):
                connecting_since = time.monotonic()
            elif time.monotonic() > connecting_since + _CONNECT_WITHIN:
                fault = "offline"
            if fault or time.monotonic() >= deadline:
                self._give_up(number, fault)
            if self._closed.wait(_LOOK_EVERY):
                raise LinkError(f"{self._uri} was closed", effect=Effect.UNKNOWN)

    def _give_up(self, number: int, fault: str) -> None:
        """Cancel a job that does not come out, and say what became of it.

        Raises:
            DriverError: always, unless the job was done all the same.
        """
        self._cancel(number)
        job, _ = self._watch(number)
        state = _count(job, "job-state")
        if state == _JOB_COMPLETED:
            return
        came = _count(job, "job-impressions-completed") or _count(job, "job-media-sheets-completed")
        gone = state in {_JOB_CANCELED, _JOB_ABORTED} and not came and _counts(job)
        effect = Effect.NO if gone else Effect.UNKNOWN
        if fault:
            raise _trouble(fault, effect)
        raise NoAnswer("the pages did not come out in time", effect=effect)

    def _cancel(self, number: int) -> None:
        asked = (
            Attribute("job-id", Tag.INTEGER, (number,)),
            Attribute("requesting-user-name", Tag.NAME, ("kiosk",)),
        )
        try:
            self._ask(Operation.CANCEL_JOB, asked, time.monotonic() + _CANCEL_WITHIN)
        except DriverError:
            return  # it may have ended by itself; its state is asked for next

    def _watch(self, number: int) -> tuple[Attributes, Attributes]:
        """What the job and the printer say of themselves."""
        asked = (
            Attribute("job-id", Tag.INTEGER, (number,)),
            Attribute("requesting-user-name", Tag.NAME, ("kiosk",)),
            Attribute("requested-attributes", Tag.KEYWORD, _ASKED_OF_JOB),
        )
        try:
            job = self._ask(Operation.GET_JOB_ATTRIBUTES, asked, time.monotonic() + STATUS_WITHIN).group(Section.JOB)
            return job, self._ask_printer()
        except DriverError as error:
            error.effect = Effect.UNKNOWN  # the printer goes on without us
            raise

    # -----------------------------------------------------------------------------------------------------------
    # Questions

    def _ask_printer(self) -> Attributes:
        asked = (Attribute("requested-attributes", Tag.KEYWORD, _ASKED_OF_PRINTER),)
        answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, asked, time.monotonic() + STATUS_WITHIN)
        printer = answer.group(Section.PRINTER)
        if "printer-state" not in printer:
            raise BadFrame("a printer without a state", b"")
        return printer

    def _ask(
        self,
        operation: Operation,
        attributes: Iterable[Attribute],
        deadline: float,
        *,
        wishes: tuple[Attribute, ...] = (),
        data: bytes = b"",
    ) -> Message:
        """Ask once.

        Raises:
            DeviceFault: the printer refuses; nothing of this question took effect.
            WrongDevice: no printer, or no such queue.
        """
        self._number = self._number % 0x7FFFFFFF + 1
        target = Attribute("printer-uri", Tag.URI, (self._uri,))
        groups = [(Section.OPERATION, (*opening(), target, *attributes))]
        if wishes:
            groups.append((Section.JOB, wishes))
        body = encode(operation, self._number, groups, data)
        response = self._http.ask("POST", self._options.queue, deadline, body, "application/ipp")
        if response.status in _NOT_A_PRINTER:
            raise WrongDevice(f"{self._uri}: the server answers {response.status}")
        if response.status != 200:
            raise BadFrame(f"the server answers {response.status}", response.body, effect=Effect.UNKNOWN)
        try:
            answer = decode(response.body)
        except BadFrame as error:
            if response.headers.get("content-type", "").startswith("text/"):
                raise WrongDevice(f"{self._uri}: a web server, not a printer") from error
            error.effect = Effect.UNKNOWN
            raise
        if answer.number != self._number:
            raise BadFrame("the answer to another question", response.body, effect=Effect.UNKNOWN)
        self._judge(answer)
        return answer

    def _judge(self, answer: Message) -> None:
        if answer.code < 0x0100:
            return
        said = _text(answer.group(Section.OPERATION), "status-message")
        detail = f"{self._uri} answers {answer.code:04x} {said}".strip()
        if answer.code == _NO_SUCH_QUEUE:
            raise DeviceFault("no_such_queue", detail, remedy=Remedy.TECHNICIAN)
        if answer.code in _NOT_AUTHORISED:
            raise DeviceFault("not_authorised", detail, remedy=Remedy.TECHNICIAN)
        raise DeviceFault("job_refused", detail, remedy=Remedy.WAIT if answer.code >= 0x0500 else Remedy.TECHNICIAN)


def _fault(printer: Attributes, *, accepting: bool | None = None) -> str:
    taking = first(printer, "printer-is-accepting-jobs", default=True) if accepting is None else accepting
    return fault_in(_count(printer, "printer-state"), words(printer, "printer-state-reasons"), accepting=bool(taking))


def _trouble(fault: str, effect: Effect) -> DeviceFault:
    return DeviceFault(fault, remedy=_REMEDIES.get(fault, Remedy.ATTENDANT), effect=effect)


def _number(answer: Message) -> int:
    number = _count(answer.group(Section.JOB), "job-id")
    if not number:
        raise BadFrame("a job without a number", b"", effect=Effect.UNKNOWN)
    return number


def _counts(job: Attributes) -> bool:
    """Whether the printer counts at all; some send no number, and CUPS sends 0 for raw queues."""
    return any(name in job for name in ("job-impressions-completed", "job-media-sheets-completed"))


def _text(attributes: Attributes, name: str) -> str:
    return str(first(attributes, name, ""))


def _count(attributes: Attributes, name: str) -> int:
    value: Value = first(attributes, name, 0)
    return int(value) if not isinstance(value, str | bytes) else 0
