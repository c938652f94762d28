"""Who a request is from: a terminal by its certificate, or one that its hall's own hub (an edge) speaks for."""

from starlette.types import Scope

from hub.api.problems import Problem
from hub.app import Hub
from hub.fleet.live import TerminalKey
from kiosk.wire.edge import FOR_HEADER, ROLE, SHOWN_HEADER

_FOR = FOR_HEADER.lower().encode()
_SHOWN = SHOWN_HEADER.lower().encode()


async def sender_of(hub: Hub, scope: Scope) -> TerminalKey:
    """The terminal that a request is from.

    Args:
        hub: The hub.
        scope: The request's.

    Raises:
        Problem: 401 without a certificate that is in force; 403 for who speaks for others and may not.
    """
    sender = hub.certificates.terminal_in(scope, hub.now())
    for name, value in scope["headers"]:
        if name == _FOR:
            return await _spoken_for(hub, sender, value.decode("latin-1"), shown_at_edge(scope))
    return sender


def shown_at_edge(scope: Scope) -> str:
    """SHA-256 of the certificate that a terminal showed to the edge that speaks for it; empty where it shows none."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == _SHOWN), "")


async def edge_of(hub: Hub, scope: Scope) -> TerminalKey:
    """The edge that a request is from.

    Raises:
        Problem: 401 without a certificate that is in force; 403 for another terminal.
    """
    sender = hub.certificates.terminal_in(scope, hub.now())
    if await hub.roles.of(sender) != ROLE:
        raise Problem(403, "no-edge", "This is for a hall's own hub", "Ask as a terminal does.")
    return sender


async def _spoken_for(hub: Hub, sender: TerminalKey, terminal: str, shown: str) -> TerminalKey:
    meant = TerminalKey(sender.hall, terminal)
    if await hub.roles.of(sender) != ROLE or await hub.roles.of(meant) in {None, ROLE}:
        raise Problem(403, "not-spoken-for", "This terminal does not speak for that one", "Send it from where it is.")
    if shown and not hub.certificates.shown_for(shown, meant):
        raise Problem(
            401, "certificate-replaced", "This certificate is no longer in force", "Enrol the terminal again."
        )
    return meant
