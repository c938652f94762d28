"""What a hall's own hub (an edge) and the city's say to each other, beside what terminals say."""

from kiosk.wire.evidence import Digest, Moment, Name, Wire
from kiosk.wire.routes import PREFIX

ROLE = "edge"
"""Of its certificate at the city: it may speak for the terminals of its hall."""
FOR_HEADER = "X-Kiosk-For"
"""In a call of an edge: the terminal of its hall that it speaks for."""
TERMINALS = f"{PREFIX}/edge/terminals"
"""GET, for an edge: `[EdgeTerminal]`."""


class EdgeTerminal(Wire, frozen=True, kw_only=True):
    """A certificate in force in the edge's hall."""

    terminal: Name
    sha256: Digest
    expires: Moment
