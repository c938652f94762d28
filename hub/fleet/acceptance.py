"""Technicians' acceptance reports: checked as the terminal signed them, kept as files, newest first on the console.

A report holds what was measured on a machine and a technician's pictures of it, nothing of citizens.
"""

import hashlib
import sys
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec
import pikepdf
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, func, select

from hub.apart import confine, run_apart
from hub.files import sync_folder, write_durably
from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.wire.routes import MAX_ACCEPTANCE_BYTES
from kiosk.wire.technician import ATTACHED, MOST_PAGES, SIGNING_DOMAIN, Accepted, Sealed

_MOST_DOTS: Final = 12_000_000
"""Of a page: A4 at 300 dpi is 8.7 million."""
_MOST_FACTS: Final = 4 * 1024 * 1024
"""Bytes; what is longer is cut, and then no JSON."""


class NotAcceptable(Exception):
    """A report that is not taken.

    Args:
        kind: Stable name.
        title: What is wrong with it.
        remedy: What to do.
    """

    def __init__(self, kind: str, title: str, remedy: str) -> None:
        super().__init__(title)
        self.kind, self.title, self.remedy = kind, title, remedy


@dataclass(frozen=True)
class Acceptance:
    """A report that is kept."""

    hall: str
    terminal: str
    sha256: str
    made: datetime
    technician: str
    open_items: int
    """How many are not in order; 0: accepted."""


def _mark(page: pikepdf.Page) -> str:
    """SHA-256 of the grey dots of a page's one picture; empty where it has none or more."""
    pictures = [one for one in page.get_images().values() if isinstance(one, pikepdf.Stream)]
    if len(pictures) != 1:
        return ""
    drawn = pikepdf.PdfImage(pictures[0])
    if drawn.width * drawn.height > _MOST_DOTS:
        return ""
    with drawn.as_pil_image() as picture:
        return hashlib.sha256(picture.convert("L").tobytes()).hexdigest()


_MAKE_AGAIN: Final = "Make it again: python -m provisioning report."


def _opened(pdf: bytes) -> tuple[Sealed, Accepted, tuple[str, ...]]:
    unreadable = NotAcceptable("not-a-report", "This is no acceptance report", _MAKE_AGAIN)
    try:
        with pikepdf.open(BytesIO(pdf)) as read:
            content = read.attachments[ATTACHED].get_file().read_bytes()[:_MOST_FACTS]
            sealed = msgspec.json.decode(content, type=Sealed)
            facts = msgspec.json.decode(sealed.body, type=Accepted)
            # the facts name at most MOST_PAGES: one page more shows that they differ
            return sealed, facts, tuple(_mark(read.pages[n]) for n in range(min(len(read.pages), MOST_PAGES + 1)))
    except Exception as error:  # whatever the parsers find wrong with a stranger's bytes
        raise unreadable from error


@dataclass(frozen=True)
class Checked:
    """A report that is what it seems, as far as it can be told without the database."""

    sha256: str
    size: int
    facts: Accepted
    fingerprint: str
    """Of the certificate that signed, SHA-256 of its DER; whose it is, the database knows."""


class _Told(msgspec.Struct):
    checked: Checked | None = None
    problem: tuple[str, str, str] | None = None


async def check_report_apart(pdf: bytes) -> Checked:
    """Check a report in a process of its own: it is unpacked before its signature can be read.

    Raises:
        NotAcceptable: It is not what it should be, or took too long, or more memory than it may.
    """
    told = await run_apart("hub.fleet.acceptance", pdf)
    try:
        found = msgspec.msgpack.decode(told or b"", type=_Told)
    except msgspec.DecodeError as error:
        raise NotAcceptable("not-a-report", "This is no acceptance report", _MAKE_AGAIN) from error
    if found.checked is None:
        raise NotAcceptable(*(found.problem or ("", "", "")))
    return found.checked


def check_report(pdf: bytes) -> Checked:
    """Check a report: readable, signed by the certificate it names, and its pages those that were signed.

    Raises:
        NotAcceptable: It is not.
    """
    sealed, facts, marks = _opened(pdf)
    if not sealed.signature:
        raise NotAcceptable("unsigned", "This report is not signed", "Enrol the terminal, then make it again.")
    changed = NotAcceptable("changed", "This report is not what was signed", _MAKE_AGAIN)
    try:
        certificate = x509.load_pem_x509_certificate(sealed.certificate.encode())
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise changed
        key.verify(sealed.signature, SIGNING_DOMAIN + sealed.body, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature) as error:
        raise changed from error
    if marks != facts.pages:
        raise changed
    if not certificate.not_valid_before_utc <= facts.made <= certificate.not_valid_after_utc:
        raise NotAcceptable(
            "wrong-time", "The certificate was not valid when this was made", "Set the terminal's clock; make it again."
        )
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    return Checked(hashlib.sha256(pdf).hexdigest(), len(pdf), facts, fingerprint)


def is_signed_by(connection: Connection, sender: TerminalKey, fingerprint: str) -> bool:
    """Whether this hub issued a certificate to a terminal; one that was replaced since counts, too."""
    table = schema.certificate
    mine = (table.c.fingerprint == fingerprint, table.c.hall == sender.hall, table.c.terminal == sender.terminal)
    return connection.scalar(select(table.c.fingerprint).where(*mine)) is not None


def file_of(folder: Path, key: TerminalKey, sha256: str) -> Path:
    """Where a report lies."""
    return folder / key.hall / key.terminal / f"{sha256}.pdf"


def write_report(folder: Path, key: TerminalKey, sha256: str, pdf: bytes) -> None:
    """Write its file, durably, before its row."""
    file = file_of(folder, key, sha256)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(file.parent.parent)
    sync_folder(folder)
    write_durably(file, pdf)


def is_kept(connection: Connection, key: TerminalKey, sha256: str) -> bool:
    """Whether a report of this terminal is here."""
    table = schema.acceptance
    this = (table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.sha256 == sha256)
    return connection.scalar(select(table.c.sha256).where(*this)) is not None


def store(connection: Connection, sender: TerminalKey, checked: Checked, now: datetime) -> bool:
    """Store its row; False when it was here already."""
    if is_kept(connection, sender, checked.sha256):
        return False
    connection.execute(
        schema.acceptance.insert().values(
            hall=sender.hall,
            terminal=sender.terminal,
            sha256=checked.sha256,
            made=checked.facts.made,
            received=now,
            technician=checked.facts.by,
            open_items=len(checked.facts.open),
            bytes=checked.size,
        )
    )
    return True


def newest_of_each(connection: Connection) -> dict[TerminalKey, Acceptance]:
    """The newest report of each terminal that has one."""
    table = schema.acceptance
    newest = (
        select(table.c.hall, table.c.terminal, func.max(table.c.made).label("made"))
        .group_by(table.c.hall, table.c.terminal)
        .subquery()
    )
    same = (table.c.hall == newest.c.hall) & (table.c.terminal == newest.c.terminal) & (table.c.made == newest.c.made)
    return {
        TerminalKey(row.hall, row.terminal): Acceptance(
            row.hall, row.terminal, row.sha256, row.made, row.technician, row.open_items
        )
        for row in connection.execute(select(table).join(newest, same).order_by(table.c.sha256))
    }


def main() -> None:
    """Read a report from stdin, say what it is on stdout."""
    confine()
    told = _Told()
    try:
        told.checked = check_report(sys.stdin.buffer.read(MAX_ACCEPTANCE_BYTES))
    except NotAcceptable as error:
        told.problem = (error.kind, str(error), error.remedy)
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))


if __name__ == "__main__":
    main()
