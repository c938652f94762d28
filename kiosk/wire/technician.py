"""What a technician's tools sign with the terminal's key: acceptance reports and calibrations.

An acceptance report is a PDF with one picture a page; `ATTACHED` in it is a `Sealed` in JSON, whose body is the facts.
The facts name each page's picture by the SHA-256 of its grey dots, so what is printed is what was signed.
"""

from typing import Annotated, Final

import msgspec

from kiosk.wire.evidence import Digest, Moment

SIGNING_DOMAIN: Final = b"kiosk-technician-1\0"
"""Goes before the body where it is signed (ECDSA P-256, SHA-256): no signature made for anything else fits."""
ATTACHED: Final = "acceptance.json"
"""Name of the attachment of an acceptance report."""
MOST_PAGES: Final = 100
"""Of an acceptance report."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A document with its signature.

    Attributes:
        body: the exact bytes that were signed, JSON.
        signature: DER; empty where the terminal was not enrolled yet.
        certificate: the terminal's, PEM; says who signed.
    """

    body: bytes
    signature: bytes = b""
    certificate: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub reads of a report's facts; it passes over the rest.

    Attributes:
        by: the technician, as their company knows them.
        open: what is not in order, one line each; empty: accepted.
        pages: SHA-256 of each page's grey dots, row by row, in order.
    """

    by: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    made: Moment
    open: Annotated[tuple[str, ...], msgspec.Meta(max_length=10_000)]
    pages: Annotated[tuple[Digest, ...], msgspec.Meta(min_length=1, max_length=MOST_PAGES)]
