"""A result as staff upload it: a PDF that is only pages. Nothing that runs, nothing that hides, nothing endless."""

import sys
from io import BytesIO
from typing import Final

import msgspec
import pikepdf

from hub.apart import confine, run_apart
from hub.pdf import FORBIDDEN, forbidden_in
from kiosk.wire.events import MAX_PAPER_BYTES

MOST_PAGES: Final = 200
_MOST_BYTES: Final = MAX_PAPER_BYTES - 64 * 1024
"""Sealing adds some."""
_HIDDEN: Final = "error decoding stream data"
"""What qpdf says of objects that it could not unpack."""
_MEMORY: Final = 512 * 1024 * 1024
"""To read one: 20 MB of 60,000 objects take 280 MiB."""
_FORBIDDEN: Final = FORBIDDEN | {"/OpenAction"}


class NotAResult(Exception):
    """The file is not taken; says why and what to do."""


class _Found(msgspec.Struct):
    pages: int = 0
    problem: str = ""


async def check_pdf(content: bytes) -> int:
    """See that a file is a PDF of pages; it is opened in a process of its own.

    Args:
        content: All of it.

    Returns:
        How many pages.

    Raises:
        NotAResult: Too large, no PDF, locked, with scripts or other files in it, or without pages; or it unpacks to
            more than any result has.
    """
    check_outside(content)
    told = await run_apart("hub.office.result_file", content)
    if told is None:
        raise NotAResult("it takes too long to read: print it as PDF again")
    try:
        found = msgspec.msgpack.decode(told, type=_Found)
    except msgspec.DecodeError as error:  # the process was ended by what it read
        raise NotAResult("it is damaged, or unpacks to far too much: print it as PDF again") from error
    if found.problem:
        raise NotAResult(found.problem)
    return found.pages


def check_outside(content: bytes) -> None:
    """See what can be seen without opening a file.

    Raises:
        NotAResult: Too large, or no PDF.
    """
    if len(content) > _MOST_BYTES:
        raise NotAResult(f"a result has at most {_MOST_BYTES // 1024 // 1024} MiB")
    if not content.startswith(b"%PDF-"):
        raise NotAResult("this is no PDF: save or print it as PDF first")


def pages_in(content: bytes) -> int:
    """See that a file is a PDF of pages, in this process.

    Args:
        content: All of it.

    Returns:
        How many pages.

    Raises:
        NotAResult: Damaged, locked, with scripts or other files in it, or without pages.
    """
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            pages = len(pdf.pages)
            found = forbidden_in(pdf, _FORBIDDEN)
            # What it could not unpack it reports and leaves out: another program might find a script there.
            hidden = any(_HIDDEN in str(each) for each in pdf.get_warnings())
    except pikepdf.PasswordError as error:
        raise NotAResult("it is locked with a password: save it without") from error
    except (pikepdf.PdfError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise NotAResult("it is damaged: make it again") from error
    if hidden:
        raise NotAResult("parts of it are damaged, or unpack to far too much: print it as PDF again")
    if found:
        raise NotAResult(f"it contains {found}: print it as PDF again, so that only pages are left")
    if not 1 <= pages <= MOST_PAGES:
        raise NotAResult(f"a result has 1 to {MOST_PAGES} pages, this one {pages}")
    return pages


def main() -> None:
    """Read a file from stdin, say what it is on stdout."""
    confine(_MEMORY)
    try:
        found = _Found(pages=pages_in(sys.stdin.buffer.read(_MOST_BYTES)))
    except NotAResult as error:
        found = _Found(problem=str(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    main()
