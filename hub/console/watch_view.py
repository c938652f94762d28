"""What the watch list has to say of a passage, for entry staff: class and what to do; never a number."""

from sqlalchemy import Connection

from hub.console.gate_evidence import Told
from hub.console.words import Language, word
from hub.watch.entries import find
from kiosk.wire.events import Passage
from kiosk.wire.evidence import Watched


def watch_told(connection: Connection, passage: Passage, language: Language) -> list[Told]:
    """One line where the list had sent this person to staff, else none.

    Args:
        connection: For reading.
        passage: As it is stored.
        language: Of the words.
    """
    seen = passage.evidence.watch
    if not isinstance(seen, Watched):
        return []
    entry = find(connection, seen.entry) if seen.entry else None
    kind, note = ("ended", "") if entry is None or not entry.active else (entry.kind.value, entry.note)
    parts = (
        word("watch_companion", language) if seen.companion else "",
        word(f"watch_{kind}", language),
        word(f"watch_todo_{kind}", language),
        note,
    )
    return [Told("watch", " · ".join(part for part in parts if part), "unsure", "", None)]
