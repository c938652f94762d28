"""Structured logs, one JSON object a line, that mask identity by default.

A field whose name is not on the list below is not written: `masked` stands in its place. What is left is searched for
identity and telephone numbers all the same, for a message may quote one. Other libraries' records go the same way.
"""

import logging
import re
import sys
from collections import deque
from collections.abc import Mapping, MutableMapping
from typing import Final, TextIO, cast

import structlog

OPEN_FIELDS = frozenset(
    {
        "event", "level", "timestamp", "logger", "exception", "role", "terminal", "hall", "device", "driver", "state",
        "code", "fault", "remedy", "effect", "detail", "seq", "count", "seconds", "ms", "version", "kind", "verdict",
        "reasons", "crossed", "passage", "submission", "item", "view", "status", "attempt", "waiting", "dead", "signal",
        "path", "port", "lane", "why", "proven_on", "bytes", "restarts", "frames", "engine",
        "staff", "reason", "how", "in_a_row", "people", "paused", "trouble", "digest", "sealed",
    }
)  # fmt: skip
"""Names of fields that never hold personal data. A new one is added here by somebody who has thought about it."""

MASK = "masked"
RECENT_LINES = 5000
"""So many of the newest lines are kept in memory, for a support bundle."""
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{6})(?:\d{11}[0-9Xx]|\d{9})(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def scrub(text: str) -> str:
    """Replace resident identity numbers (18 or 15 characters, GB 11643) and mobile numbers in a text."""
    return _PHONE.sub("[phone]", _ID_NUMBER.sub("[id]", text))


def _scrub_value(value: object) -> object:
    match value:
        case str():
            return scrub(value)
        case bool() | int() | float() | None:
            return scrub(str(value)) if isinstance(value, int) and abs(value) >= 10**10 else value
        case Mapping():
            return {str(key): mask_field(str(key), inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_scrub_value(inner) for inner in value]
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case _:
            return scrub(str(value))


def mask_field(name: str, value: object) -> object:
    """The value as it may be written: scrubbed where the field's name is known to be harmless, else masked."""
    return _scrub_value(value) if name in OPEN_FIELDS else MASK


def mask_event(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """The structlog processor that does so for each field of an event."""
    return {name: mask_field(name, value) for name, value in event.items()}


_recent: Final[deque[str]] = deque(maxlen=RECENT_LINES)


class _Remembering(logging.StreamHandler[TextIO]):
    """Keeps the newest lines as it wrote them."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line = super().format(record)
        _recent.append(line)
        return line


def set_up(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send everything that is logged in this process through the mask, to `stream` (default: standard error)."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = _Remembering(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                cast("structlog.typing.Processor", mask_event),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "asyncio", "pymodbus", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def recent_lines() -> list[str]:
    """The newest lines that this process has logged since `set_up`, masked as they were written, the oldest first."""
    return list(_recent)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a part of the program."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return found
