"""Rendering: templates, words, times, and the cards of the overview. Every text from outside is escaped."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.console.queries import Enrolled
from hub.console.words import Language, in_language, word
from hub.fleet.acceptance import Acceptance
from hub.fleet.live import Fleet, Heard, Screen, TerminalKey
from kiosk.clock import CHINA, Clock

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
SILENT_AFTER = timedelta(seconds=30)
STATES = ("in_service", "paused", "locked", "out_of_service", "silent", "never")
"""How a terminal may stand, the good first."""
_VERDICT_SHAPES = {"admit": "●", "refuse": "■", "refer": "▲"}
_DEVICE_TONES = {"ready": "good", "opening": "calm"}
_UNITS = ((86400, "天前", "d ago"), (3600, "小时前", "h ago"), (60, "分钟前", "min ago"), (1, "秒前", "s ago"))
_JUST_NOW = 10
"""In seconds."""


@dataclass(frozen=True)
class TerminalCard:
    """A terminal on the overview."""

    hall: str
    terminal: str
    role: str
    heard: Heard | None
    screen: Screen | None
    state: str
    """See `state_of`."""
    accepted: Acceptance | None
    """Its newest acceptance report."""

    @property
    def dom_id(self) -> str:
        """Its element's id."""
        return f"t-{self.hall}-{self.terminal}"

    @property
    def mark(self) -> tuple[str, datetime | None, int, str]:
        """Changes when what is shown changes."""
        return (
            self.state,
            None if self.heard is None else self.heard.at,
            0 if self.screen is None else self.screen.number,
            "" if self.accepted is None else self.accepted.sha256,
        )


def state_of(heard: Heard | None, now: datetime) -> str:
    """`never`, `silent`, `locked` from here, `paused` by staff there, `in_service` or `out_of_service`."""
    if heard is None:
        return "never"
    if now - heard.at > SILENT_AFTER:
        return "silent"
    if heard.health.paused:
        return "paused" if heard.health.in_service else "locked"
    return "in_service" if heard.health.in_service else "out_of_service"


def card_of(fleet: Fleet, each: Enrolled, now: datetime) -> TerminalCard:
    """The card of a terminal."""
    key = TerminalKey(each.hall, each.terminal)
    heard = fleet.heard.get(key)
    return TerminalCard(
        each.hall, each.terminal, each.role, heard, fleet.screens.get(key), state_of(heard, now), each.accepted
    )


def _exact(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _grouped(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _size(count: int) -> str:
    """Of a file, as people read it."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"


def _tone(state: str) -> str:
    return _DEVICE_TONES.get(state, "bad")


def _relative(moment: datetime, now: datetime, language: Language) -> str:
    """How long ago; the script keeps it current."""
    seconds = int((now - moment).total_seconds())
    for size, chinese, english in _UNITS:
        if seconds >= max(size, _JUST_NOW):
            return f"{seconds // size} {language.of(chinese, english)}"
    return language.of("刚刚", "just now")


def _asset_tag() -> str:
    """Changes with the static files, so that browsers fetch new ones."""
    digest = hashlib.sha256()
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(file.name.encode() + file.read_bytes())
    return base64.b32encode(digest.digest()[:5]).decode().lower()


def _nobody_may(_person: object, _method: str, _path: str) -> bool:
    """Until it is known who may what (`share`), a page shows no way on."""
    return False


class Pages:
    """Renders the console's templates.

    Args:
        clock: For relative times.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(exact=_exact, grouped=_grouped, size=_size, tone=_tone)
        self._templates.globals.update(shapes=_VERDICT_SHAPES, person=None, may=_nobody_may)
        self._templates.globals.update(hall_name=lambda key: key, who_is=lambda named, _hall: named)
        self._assets = _asset_tag()

    def share(self, **values: object) -> None:
        """Let every template use these."""
        self._templates.globals.update(values)

    def render(self, template: str, language: Language, **values: Any) -> str:
        """A template in a language.

        Args:
            template: File name.
            language: For words and relative times.
            values: What the template shows.
        """
        now = self._clock.now()

        def when(moment: datetime) -> Markup:
            return Markup('<time datetime="{}" title="{}">{}</time>').format(
                moment.isoformat(), _exact(moment), _relative(moment, now, language)
            )

        return self._templates.get_template(template).render(
            w=lambda key: word(key, language),
            titled=lambda each: in_language(each, language),
            language=language,
            when=when,
            assets=self._assets,
            **values,
        )
