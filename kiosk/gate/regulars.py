"""People who agreed to be recognised at this lane, 1:N: staff and regulars. Nobody else's face is ever kept.

Their templates are sealed on this terminal's disk and in the vision process's memory, and nowhere else; they end with
the consent. A vision process that is new is told anew. A stranger's chance to be taken for one of them bounds how many
there may be (ADR 8). Without a card, whoever is recognised has to show that they are alive: `kiosk.gate.policy`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from uuid import uuid4

import anyio
import msgspec
import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from drivers.kinds import IdCard
from kiosk.clock import Clock, local_date
from kiosk.gate.evidence import Trust, Who, identity
from kiosk.gate.lane import Arrival
from kiosk.log import logger
from kiosk.store.shelf import StoredRegular
from kiosk.vision.observation import FaceProblem, KnownFace, Recognition, Reference, SightLost
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import Band, DocumentKind, FaceCompared, IdentityRead
from kiosk.wire.masking import mask_name, mask_number

_log = logger("regulars")

FRAMES: Final = 5
"""So many pictures in a row have to show the same person, as with a card."""
LOOK_SECONDS: Final = 0.15
"""Between two looks while nobody stands there."""
RATE: Final = 0.01
"""How often a stranger may be taken for one of them, at most."""
VALID_FOR: Final = timedelta(days=365)
"""A consent is asked for anew each year."""
_INFO: Final = b"kiosk regular 1"
_NONCE: Final = 12


class Shelf(Protocol):
    """Where they are kept; `kiosk.store.regulars.RegularShelf`."""

    async def keep(self, regular: StoredRegular) -> None:
        """Keep somebody, instead of what was kept of the same person."""
        ...

    async def remove(self, identifier: str) -> bool:
        """Delete somebody; whether there was one."""
        ...

    async def all(self, now: datetime) -> list[StoredRegular]:
        """Everybody whose consent holds."""
        ...


class Recognising(Protocol):
    """The camera and the vision process; `kiosk.vision.recogniser.Recogniser`."""

    @property
    def knows(self) -> bool:
        """Whether the process that runs now was told whom to know."""
        ...

    async def know(self, faces: Sequence[KnownFace], most: int, rate: float, now: datetime) -> tuple[int, int]:
        """Know these, and nobody else; how many are known, and for how many the rate is proven."""
        ...

    async def recognise(self, after: int, now: datetime) -> Recognition:
        """Search the next picture."""
        ...

    async def remember(self, key: str) -> Reference:
        """Take somebody who is known as the reference."""
        ...

    async def take_template(self, after: int) -> tuple[int, bytes]:
        """A template of the next picture, if it shows whom the reference shows."""
        ...


class _Body(msgspec.Struct, frozen=True):
    """What is sealed of somebody."""

    template: bytes
    name: str
    number: str
    birth: date | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Engine:
    """Which network the templates are of: those of another one are not used."""

    name: str
    model: str


class Regulars:
    """Those who agreed, at one lane.

    Args:
        shelf: where they are kept.
        sight: the camera.
        trust: keys.
        most: so many at most, from the site file.
        engine: of the templates.
        clock: the wall clock.
    """

    def __init__(
        self, shelf: Shelf, sight: Recognising, *, trust: Trust, most: int, engine: Engine, clock: Clock
    ) -> None:
        self._shelf, self._sight, self._trust = shelf, sight, trust
        self._most, self._engine, self._clock = most, engine, clock
        self._key = AESGCM(HKDF(SHA256(), 32, salt=engine.model.encode(), info=_INFO).derive(trust.hall_key))
        self._room = 0
        self._listed: tuple[StoredRegular, ...] = ()
        self._changed = True

    @property
    def sight(self) -> Recognising:
        """The camera."""
        return self._sight

    @property
    def room(self) -> int:
        """For how many the rate is proven, at most those of the site file; 0 before the vision process said so."""
        return self._room

    async def kept(self) -> Sequence[StoredRegular]:
        """Everybody whose consent holds, the newest first, whether or not the camera can see."""
        return await self._shelf.all(self._clock.now())

    async def listed(self) -> Sequence[StoredRegular]:
        """Everybody whose consent holds, the newest first. The vision process knows the same when this returns.

        Raises:
            SightLost: it died or is restarting.
        """
        now = self._clock.now()
        expired = any(regular.expires <= now for regular in self._listed)
        if self._changed or expired or not self._sight.knows:
            self._listed = tuple(await self._shelf.all(now))
            opened = [(regular, self._opened(regular)) for regular in self._listed]
            faces = [KnownFace(r.id, body.template, r.consent, r.expires) for r, body in opened if body is not None]
            known, self._room = await self._sight.know(faces, self._most, RATE, now)
            self._changed = False
            if known < len(self._listed):
                _log.warning("not everybody who agreed is known", listed=len(self._listed), known=known)
        return self._listed

    async def come(self) -> Arrival:
        """Wait until somebody who agreed stands there, alone, in `FRAMES` pictures one after the other."""
        while True:
            try:
                if not await self.listed():
                    await anyio.sleep_forever()  # whoever adds somebody begins this anew
                return await self._come()
            except SightLost:
                await anyio.sleep(1.0)

    async def _come(self) -> Arrival:
        after, key, frames = 0, "", 0
        while True:
            seen = await self._sight.recognise(after, self._clock.now())
            after = seen.frame
            frames = frames + 1 if seen.key and seen.key == key else int(bool(seen.key))
            key = seen.key
            if frames >= FRAMES and await self._sight.remember(key) is Reference.READY:
                arrival = self._arrival(key, frames)
                if arrival is not None:
                    _log.info("recognised", among=len(self._listed), rate=round(seen.rate, 5))
                    return arrival
            if seen.problem is FaceProblem.NO_FACE:
                await anyio.sleep(LOOK_SECONDS)

    def _arrival(self, key: str, frames: int) -> Arrival | None:
        regular = next((each for each in self._listed if each.id == key), None)
        body = None if regular is None else self._opened(regular)
        if regular is None or body is None:
            return None
        now = self._clock.now()
        read = IdentityRead(
            document=DocumentKind.RECOGNISED,
            person=regular.person,
            number_is_valid=True,  # checked when they were enrolled
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            device="camera",
            at=now,
        )
        face = FaceCompared(
            band=Band.ACCEPT, engine=self._engine.name, model=self._engine.model, frames=frames, device="camera", at=now
        )
        who = Who(regular.person, mask_name(body.name), body.name, body.number, body.birth)
        return Arrival(
            read, who, document=DocumentKind.RECOGNISED.value, number_masked=mask_number(body.number), face=face
        )

    async def keep(self, card: IdCard, templates: Sequence[bytes], consent: str) -> StoredRegular:
        """Keep somebody: the mean of what several pictures gave, sealed.

        Args:
            card: their own, with which each of the pictures was compared.
            templates: at least one, of 128 little-endian 32-bit floats.
            consent: reference of the signed consent.
        """
        mean = np.mean([np.frombuffer(each, "<f4") for each in templates], axis=0)
        mean = (mean / np.linalg.norm(mean)).astype("<f4")
        now = self._clock.now()
        body = _Body(mean.tobytes(), card.name, card.number, card.birth, card.valid_from, card.valid_to)
        nonce, person = os.urandom(_NONCE), person_digest(card.number, self._trust.hall_key)
        kept = StoredRegular(
            id=uuid4().hex,
            person=person,
            name=mask_name(card.name),
            consent=consent,
            enrolled=now,
            expires=now + VALID_FOR,
            body=nonce + self._key.encrypt(nonce, msgspec.msgpack.encode(body), person.encode()),
        )
        await self._shelf.keep(kept)
        self._changed = True
        return kept

    async def remove(self, identifier: str) -> bool:
        """Forget somebody, here and in the vision process; whether there was one."""
        removed = await self._shelf.remove(identifier)
        self._changed = True
        return removed

    def is_own(self, card: IdCard) -> bool:
        """Whether a card is good today: nobody agrees with one that is not."""
        found = identity(card, self._trust, self._clock.now(), "id_reader")
        today = local_date(self._clock.now())
        return found.number_is_valid and found.valid_from <= today <= (found.valid_to or today)

    def _opened(self, regular: StoredRegular) -> _Body | None:
        """What is sealed of somebody; None where it was sealed for another network or with another key."""
        try:
            plain = self._key.decrypt(regular.body[:_NONCE], regular.body[_NONCE:], regular.person.encode())
            return msgspec.msgpack.decode(plain, type=_Body)
        except (InvalidTag, msgspec.MsgspecError):
            return None
