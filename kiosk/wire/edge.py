"""What a hall's own hub (an edge) and the city's say to each other, beside what terminals say."""

from typing import Annotated

import msgspec

from kiosk.wire.evidence import Digest, Moment, Name, Wire
from kiosk.wire.routes import PREFIX

ROLE = "edge"
"""Of its certificate at the city: it may speak for the terminals of its hall."""
FOR_HEADER = "X-Kiosk-For"
"""In a call of an edge: the terminal of its hall that it speaks for."""
SHOWN_HEADER = "X-Kiosk-Shown"
"""Beside it: SHA-256 of the certificate that the terminal showed to the edge, where it asks by itself."""
SERVER = f"{PREFIX}/edge/server"
"""POST `ServerWanted`, for an edge: `ServerIssued`."""
TERMINALS = f"{PREFIX}/edge/terminals"
"""GET, for an edge: `[EdgeTerminal]`."""


class ServerWanted(Wire, frozen=True, kw_only=True):
    """An edge asks for the next certificate of its port for terminals, for the same names as the one it has."""

    csr: Annotated[str, msgspec.Meta(max_length=4000)]
    """PEM, P-256, of a new key."""
    certificate: Annotated[str, msgspec.Meta(max_length=8000)]
    """The present one, PEM."""
    proof: Annotated[bytes, msgspec.Meta(max_length=200)]
    """ECDSA-SHA-256 of `csr` by the present certificate's key: nobody else gets a certificate for its names."""


class ServerIssued(Wire, frozen=True, kw_only=True):
    """The answer: PEM."""

    certificate: str


class EdgeTerminal(Wire, frozen=True, kw_only=True):
    """A certificate in force in the edge's hall."""

    terminal: Name
    sha256: Digest
    expires: Moment
