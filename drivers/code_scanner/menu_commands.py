"""Menu commands of Honeywell and Newland scanners: settings in ASCII, echoed with the outcome of each.

Both makers use the same grammar, from Hand Held Products: a tag and a sub-tag of three letters each, data, `,` before
another sub-tag, `;` before another tag. The answer repeats the command with a status before each punctuation mark
(Honeywell N86XX User's Guide, 10-3; Newland FM530 User Manual, chapter 13). Pure functions.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final


class Status(IntEnum):
    """The outcome of one setting."""

    ACK = 0x06
    """Done."""
    NAK = 0x15
    """The data is out of range."""
    ENQ = 0x05
    """No such tag or sub-tag."""


_QUERIES: Final = b"?*^&"
_MOST: Final = 4096
"""Characters in the longest answer to a query."""


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """An answer to a command.

    Attributes:
        statuses: one a setting.
        values: what was answered to each query; empty for a setting.
        before: what came before the answer: the text of a report.
        rest: what came behind it: perhaps a code already.
    """

    statuses: tuple[Status, ...]
    values: tuple[bytes, ...]
    before: bytes
    rest: bytes

    @property
    def refused(self) -> Status | None:
        """The first status that is not ACK; None when all went well."""
        return next((status for status in self.statuses if status is not Status.ACK), None)


@lru_cache(maxsize=64)
def _pattern(settings: bytes, head: bytes, tail: bytes) -> re.Pattern[bytes]:
    found = re.escape(head)
    for part in re.split(rb"([,;])", settings):
        if part in {b",", b";"}:
            found += part
            continue
        name = part.rstrip(_QUERIES)
        asks = name != part or not name[-1:].isdigit()  # a query, or a report such as REVINF
        found += re.escape(name) + (rb"([^\x05\x06\x15]{0,%d}?)" % _MOST if asks else b"()") + rb"([\x05\x06\x15])"
    return re.compile(found + re.escape(tail), re.DOTALL)


def find_answer(received: bytes, settings: bytes, *, head: bytes = b"", tail: bytes = b"") -> Answer | None:
    """Find the answer to a command in what was received, skipping whatever stands before it.

    Args:
        received: everything since the command.
        settings: the command without prefix and suffix, e.g. `TRGMOD0`, `SCNMOD*` or `C11ENA1,MIN12`.
        head: what an answer begins with.
        tail: what it ends with, after the last status.

    Returns:
        None while the answer is not there.
    """
    match = _pattern(settings, head, tail).search(received)
    if match is None:
        return None
    groups = match.groups()
    return Answer(
        tuple(Status(status[0]) for status in groups[1::2]),
        groups[::2],
        received[: match.start()],
        received[match.end() :],
    )


def report_field(report: bytes, name: str) -> str:
    """A field of a report, such as `Serial Number: 15232B1F0C`; empty where the report has no such field."""
    found = re.search(rb"(?:^|[\r\n])" + re.escape(name.encode()) + rb"[ :]*([^\r\n]{0,80})", report)
    return found[1].decode("ascii", "replace").strip() if found else ""
