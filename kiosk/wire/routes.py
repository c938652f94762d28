"""Paths, header names and limits of the hub's terminal port, said once for both sides."""

WIRE_HEADER = "X-Kiosk-Wire"
"""The protocol's version; the hub answers 409 to another than its own."""
OFFSET_HEADER = "Upload-Offset"
"""How many bytes of a paper the hub holds."""
COMPLETE_HEADER = "Upload-Complete"
"""`?1` when the hub holds the whole paper, checked against its digest; else `?0`."""

PREFIX = "/api/v1"
CA = f"{PREFIX}/ca"
ENROL = f"{PREFIX}/enrol"
EVENTS = f"{PREFIX}/events"
PAPERS = f"{PREFIX}/papers"
HEALTH = f"{PREFIX}/health"
SIGNED = f"{PREFIX}/signed"
SCREEN = f"{PREFIX}/screen"
APPOINTMENTS = f"{PREFIX}/appointments"
"""`?since=N`: `AppointmentChanges`."""
TIME = f"{PREFIX}/time"

MAX_SCREEN_BYTES = 1024 * 1024
"""Largest picture of a terminal's own screen, PNG."""
