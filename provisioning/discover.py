"""What is plugged in, which driver fits and why, and what nobody knows: with a report that can be sent to us."""

import platform
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from drivers.contract import Identity
from drivers.errors import BadFrame, DriverError, LinkError, NoAnswer, NotPresent, WrongDevice
from drivers.registry import driver_class
from kiosk.clock import Clock
from provisioning.questions import Answered, Option, Question, questions
from provisioning.sockets import Socket, Wire
from provisioning.talk import Say

QUESTION_S: Final = 8.0
"""Longest that one question may take; what is not back by then is left behind."""
AT_ONCE: Final = 6
"""Sockets that are asked side by side."""


class Verdict(StrEnum):
    """What became of one question."""

    FITS = "fits"
    ANOTHER = "another"
    """Something answered that is not this."""
    SILENT = "silent"
    AWAY = "away"
    """Nothing is there, or another program holds it."""
    FAULT = "fault"
    """The right device, and it says that something is wrong with it."""
    STUCK = "stuck"
    """It did not come back in time."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One question and what came of it."""

    driver: str
    verdict: Verdict
    detail: str = ""
    seconds: float = 0.0


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """A driver that fits.

    Attributes:
        options: what to write into the site file beside `driver`.
        why: what the device answered.
        needs: what a person has to decide yet.
        proven_on: how far this driver has been proven.
    """

    driver: str
    kind: str
    options: dict[str, Option]
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    why: str
    needs: str = ""
    proven_on: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One socket: what is plugged in there."""

    wire: Wire
    address: str
    node: str = ""
    fits: tuple[Fit, ...] = ()
    tried: tuple[Tried, ...] = ()
    unknown: bool = False
    note: str = ""


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is plugged in.

    Attributes:
        twins: sockets whose devices nobody can tell apart but by the socket.
        report: what to send to the makers of this program about unknown devices; empty where it knows all.
    """

    made: datetime
    machine: str
    found: tuple[Found, ...]
    twins: tuple[tuple[str, ...], ...] = ()
    report: str = ""


def _asked(question: Question) -> tuple[Tried, Answered | None]:
    """Ask within the time limit, in a thread that can be left behind."""
    outcome: list[Answered | Exception] = []

    def work() -> None:
        try:
            outcome.append(question.ask())
        except Exception as error:  # noqa: BLE001  a driver in the hands of an unknown device may raise anything
            outcome.append(error)

    began = time.monotonic()
    thread = threading.Thread(target=work, name=f"ask {question.driver}", daemon=True)
    thread.start()
    thread.join(QUESTION_S)
    if thread.is_alive():
        threading.Thread(target=question.close, daemon=True).start()
        thread.join(1.0)
    seconds = round(time.monotonic() - began, 2)
    result = outcome[0] if outcome else None
    if isinstance(result, Answered):
        return Tried(driver=question.driver, verdict=Verdict.FITS, detail=result.why, seconds=seconds), result
    return Tried(driver=question.driver, verdict=_verdict(result), detail=_detail(result), seconds=seconds), None


def _verdict(error: Exception | None) -> Verdict:
    match error:
        case None:
            return Verdict.STUCK
        case WrongDevice() | BadFrame():
            return Verdict.ANOTHER
        case NoAnswer():
            return Verdict.SILENT
        case NotPresent() | LinkError():
            return Verdict.AWAY
        case _:
            return Verdict.FAULT


def _detail(error: Exception | None) -> str:
    match error:
        case None:
            return f"not back within {QUESTION_S:g} s"
        case DriverError():
            return error.detail
        case _:
            return f"{type(error).__name__}: {error}"


def _fits(question: Question, answered: Answered) -> tuple[Fit, ...]:
    made: list[Fit] = []
    for key in answered.drivers:
        driver = driver_class(key)
        named: Identity = answered.identity
        made.append(
            Fit(
                driver=key,
                kind=driver.kind.value,
                options=dict(question.options),
                maker=named.maker,
                model=named.model,
                serial=named.serial,
                firmware=named.firmware,
                why=answered.why,
                needs=answered.needs,
                proven_on=", ".join(dict.fromkeys(proof.level.value for proof in driver.proven_on)) or "nothing yet",
            )
        )
    return tuple(made)


def look_at(socket: Socket, say: Say = lambda _text: None) -> Found:
    """Ask at one socket until something fits.

    Args:
        socket: where.
        say: told what was found.
    """
    tried: list[Tried] = []
    for question in questions(socket):
        one, answered = _asked(question)
        tried.append(one)
        if answered is not None:
            fits = _fits(question, answered)
            say(f"{socket.address}: {fits[0].driver} ({one.detail})")
            return _found(socket, fits, tried)
        # a faulty device of the right kind must not be asked in other languages, nor one that is held elsewhere
        if one.verdict in {Verdict.AWAY, Verdict.STUCK}:
            say(f"{socket.address}: {one.detail}")
            return _found(socket, (), tried, note=one.detail)
    if socket.wire is Wire.KEYS:
        note = "types like a keyboard; a scanner in keyboard mode does: bind code_scanner/keyboard-wedge by hand"
        return _found(socket, (), tried, note=note)
    say(f"{socket.address}: nobody knows it")
    return _found(socket, (), tried, unknown=socket.wire is not Wire.NETWORK and bool(tried))


def _found(
    socket: Socket, fits: tuple[Fit, ...], tried: Iterable[Tried], *, unknown: bool = False, note: str = ""
) -> Found:
    return Found(
        wire=socket.wire,
        address=socket.address,
        node=socket.node,
        fits=fits,
        tried=tuple(tried),
        unknown=unknown,
        note=note,
    )


def discover(there: Iterable[Socket], clock: Clock, say: Say = lambda _text: None) -> Discovery:
    """Look at every socket, several side by side.

    Args:
        there: the sockets, see `provisioning.sockets.sockets`.
        clock: for the date of the answer.
        say: told each step.
    """
    listed = list(there)
    say(f"{len(listed)} sockets to look at")
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="discover") as pool:
        found = tuple(pool.map(lambda socket: look_at(socket, say), listed))
    # a camera or printer that has a node of its own is also listed as a bare USB device, which adds nothing
    taken = {_usb_socket(one.address) for one in found if one.wire is not Wire.USB} - {""}
    found = tuple(one for one in found if one.wire is not Wire.USB or one.fits or _usb_socket(one.address) not in taken)
    return Discovery(
        made=clock.now(),
        machine=f"{platform.system()} {platform.release()} {platform.machine()}",
        found=found,
        twins=_twins(found),
        report=_report(found),
    )


def _usb_socket(address: str) -> str:
    return address.partition("/")[0] if address.startswith("usb:") else ""


def _twins(found: tuple[Found, ...]) -> tuple[tuple[str, ...], ...]:
    """Addresses of devices of the same driver, model and number."""
    who = {one.address: (one.fits[0].driver, one.fits[0].model, one.fits[0].serial) for one in found if one.fits}
    many = [each for each, count in Counter(who.values()).items() if count > 1]
    return tuple(tuple(address for address, each in who.items() if each == twin) for twin in many)


def _report(found: tuple[Found, ...]) -> str:
    """What we need to know of an unknown device. Nothing that it said is in it: it may have read a card."""
    lines: list[str] = []
    for one in found:
        if not one.unknown:
            continue
        lines.append(f"unknown device on {one.wire.value} at {one.address} ({one.node or 'no node'})")
        lines += [f"  {tried.driver}: {tried.verdict.value} after {tried.seconds:.2f} s" for tried in one.tried]
    if lines:
        lines.append("Please add: maker and model from its plate, a photo of the plate, and its manual.")
    return "\n".join(lines)
