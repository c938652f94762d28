"""A result as staff upload it: a PDF that is only pages. Nothing that runs, nothing that hides, nothing endless."""

from io import BytesIO
from typing import Final

import pikepdf

from hub.pdf import FORBIDDEN, forbidden_in
from kiosk.wire.events import MAX_PAPER_BYTES

MOST_PAGES: Final = 200
_MOST_BYTES: Final = MAX_PAPER_BYTES - 64 * 1024
"""Sealing adds some."""
_FORBIDDEN: Final = FORBIDDEN | {"/OpenAction"}


class NotAResult(Exception):
    """The file is not taken; says why and what to do."""


def check_pdf(content: bytes) -> int:
    """See that a file is a PDF of pages.

    Args:
        content: All of it.

    Returns:
        How many pages.

    Raises:
        NotAResult: Too large, no PDF, locked, with scripts or other files in it, or without pages.
    """
    if len(content) > _MOST_BYTES:
        raise NotAResult(f"a result has at most {_MOST_BYTES // 1024 // 1024} MiB")
    if not content.startswith(b"%PDF-"):
        raise NotAResult("this is no PDF: save or print it as PDF first")
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            pages = len(pdf.pages)
            found = forbidden_in(pdf, _FORBIDDEN)
    except pikepdf.PasswordError as error:
        raise NotAResult("it is locked with a password: save it without") from error
    except (pikepdf.PdfError, ValueError, OverflowError, RecursionError) as error:
        raise NotAResult("it is damaged: make it again") from error
    if found:
        raise NotAResult(f"it contains {found}: print it as PDF again, so that only pages are left")
    if not 1 <= pages <= MOST_PAGES:
        raise NotAResult(f"a result has 1 to {MOST_PAGES} pages, this one {pages}")
    return pages
