"""Invented events of one terminal, sealed as a real one seals them. Nobody in them exists."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final

import msgspec
import uuid6

from kiosk.clock import WallClock
from kiosk.wire.digest import person_digest
from kiosk.wire.events import (
    Content,
    Crossed,
    Envelope,
    Event,
    Paper,
    Passage,
    PassageEnded,
    Person,
    ReceiptGiven,
    Submission,
)
from kiosk.wire.evidence import (
    Band,
    CodeChecked,
    CodeStatus,
    DocumentKind,
    Evidence,
    FaceCompared,
    IdentityRead,
    NotMeasured,
    TemperatureTaken,
    Why,
)
from kiosk.wire.fleet import DeviceHealth, Health
from kiosk.wire.rules import Decision, Reason, Verdict
from kiosk.wire.sealing import seal

NUMBER: Final = "110101199003070011"
"""An invented document number with a valid check digit."""
_PERSON: Final = Person(name="王小明", number=NUMBER, document="resident", address="渭南市临渭区朝阳大街1号")
_CLOCK: Final = WallClock()


@dataclass
class Inventor:
    """Makes the events of one terminal.

    Args:
        terminal: Its name.
        recipient: The hub's age public key.
        hall_key: Of person digests.
        receipt_range: Of its receipt numbers.
        sealed_once: Seal a person once and use it again: cheap, and just as dear for the hub to open.
    """

    terminal: str
    recipient: str
    hall_key: bytes
    receipt_range: int
    sealed_once: bool = True
    seqs: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    serials: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def _seal(self, what: object) -> bytes:
        return seal(msgspec.json.encode(what), self.recipient)

    @cached_property
    def _person_sealed(self) -> bytes:
        return self._seal(_PERSON)

    @cached_property
    def _content_sealed(self) -> bytes:
        return self._seal(Content(person=_PERSON, answers={"reason": "卡片遗失"}))

    @cached_property
    def person(self) -> str:
        """The person's digest in this hall."""
        return person_digest(NUMBER, self.hall_key)

    def passage(self) -> Passage:
        """Somebody was let in."""
        now = _CLOCK.now()
        evidence = Evidence(
            identity=IdentityRead(
                document=DocumentKind.RESIDENT,
                person=self.person,
                number_is_valid=True,
                valid_from=now.date(),
                valid_to=None,
                device="id",
                at=now,
            ),
            face=FaceCompared(
                band=Band.ACCEPT, engine="sface", model=hashlib.sha256(b"w").hexdigest(), frames=5, device="cam", at=now
            ),
            temperature=TemperatureTaken(
                object_c=36.4, ambient_c=22, spread_c=0.1, readings=5, device="thermo", at=now
            ),
            code=CodeChecked(status=CodeStatus.VALID, code_id="ABCDEFGH", device="scan", at=now),
            occupancy=NotMeasured(why=Why.NOT_REQUIRED),
        )
        return Passage(
            id=uuid6.uuid7(),
            lane="1",
            began=now - timedelta(seconds=4),
            decided=now,
            evidence=evidence,
            decision=Decision(verdict=Verdict.ADMIT, reasons=(Reason.ALL_IN_ORDER,), rules_version=1),
            name_masked="王*明",
            number_masked="110101********0011",
            person_sealed=self._person_sealed if self.sealed_once else self._seal(_PERSON),
        )

    def ended(self, passage: Passage) -> PassageEnded:
        """They came in."""
        return PassageEnded(id=uuid6.uuid7(), passage=passage.id, crossed=Crossed.PASSED, ended=_CLOCK.now(), people=1)

    def paper(self, size: int) -> bytes:
        """A sealed paper of about a size."""
        return self._seal(uuid6.uuid7().hex.encode() * max(1, size // 32))

    def submission(self, papers: Sequence[bytes] = ()) -> Submission:
        """Somebody handed something in."""
        now = _CLOCK.now()
        return Submission(
            id=uuid6.uuid7(),
            number=f"{self.receipt_range:06d}{next(self.serials):08d}",
            item="social-card-replacement",
            item_version=1,
            began=now - timedelta(minutes=3),
            submitted=now,
            person=self.person,
            name_masked="王*明",
            number_masked="110101********0011",
            content_sealed=self._content_sealed,
            papers=tuple(
                Paper(
                    sha256=hashlib.sha256(paper).hexdigest(), bytes=len(paper), kind="proof", captured=now, device="doc"
                )
                for paper in papers
            ),
        )

    def receipt(self, submission: Submission) -> ReceiptGiven:
        """They got their receipt."""
        return ReceiptGiven(id=uuid6.uuid7(), submission=submission.id, printed=True, given=_CLOCK.now())

    def encode(self, event: Event) -> bytes:
        """As it travels."""
        return msgspec.json.encode(Envelope(seq=next(self.seqs), made=_CLOCK.now(), event=event))

    def health(self, entered: int = 0) -> bytes:
        """A heartbeat as it travels."""
        return msgspec.json.encode(
            Health(
                terminal=self.terminal,
                role="gate",
                version="0.1.0",
                made=_CLOCK.now(),
                in_service=True,
                view="Welcome",
                rules_version=1,
                outbox_waiting=0,
                outbox_dead=0,
                entered=entered,
                devices=tuple(
                    DeviceHealth(name=name, driver=driver, state="ready", good=100, cycles=50)
                    for name, driver in (("thermometer", "gy614"), ("camera", "v4l2"), ("barrier", "relay"))
                ),
            )
        )


def batch(bodies: Sequence[bytes]) -> bytes:
    """Events as one request's body."""
    return b"[" + b",".join(bodies) + b"]"
