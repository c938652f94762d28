"""What the hub has signed and this terminal goes by: read at the start, taken whenever something newer comes."""

from collections.abc import Iterable
from typing import Final

import anyio
import msgspec

from kiosk.config import Role
from kiosk.link.trust_lists import KINDS as TRUST_KINDS
from kiosk.link.trust_lists import TrustLists
from kiosk.log import logger
from kiosk.store.ledger import Ledger
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.fleet import EditionRefused, Signed
from kiosk.wire.holidays import KIND as HOLIDAYS
from kiosk.wire.holidays import Calendar, Holidays
from kiosk.wire.rules import Rules
from kiosk.wire.signed import BadSignature, verify
from kiosk.wire.staff import StaffList
from kiosk.wire.watch import KIND as WATCH
from kiosk.wire.watch import WatchList

_log = logger("run")

_TYPES: Final[dict[str, type[msgspec.Struct]]] = {
    "rules": Rules,
    "catalogue": Catalogue,
    "staff": StaffList,
    HOLIDAYS: Holidays,
    WATCH: WatchList,
}
_KEPT: Final = ("rules", "catalogue", "staff", HOLIDAYS, WATCH)


def _readable(kind: str, body: bytes) -> None:
    """See whether this release can read a body.

    Raises:
        msgspec.MsgspecError: it cannot.
    """
    if kind in _TYPES:
        msgspec.json.decode(body, type=_TYPES[kind])


class Published:
    """Rules, catalogue, staff and trust lists in force.

    Args:
        rules_key: raw Ed25519 public key of the hub, from enrolment.
        lists: takes the trust lists.

    Attributes:
        rules: None before the first; the same of the others.
        watch: the watch list, at gates.
        calendar: which days are worked; before the hub has said, all from Monday to Friday.
        changed: set, and replaced, whenever something comes into force.
        versions: of what is in force, by kind; trust lists apart.
        refused: the newest edition of each kind that this release cannot use.
    """

    def __init__(self, rules_key: bytes, lists: TrustLists) -> None:
        self.rules: Rules | None = None
        self.catalogue: Catalogue | None = None
        self.staff: StaffList | None = None
        self.watch: WatchList | None = None
        self.calendar = Calendar()
        self.changed = anyio.Event()
        self.lists = lists
        self.versions: dict[str, int] = {}
        self.refused: dict[str, EditionRefused] = {}
        self._key = rules_key

    def take(self, signed: Signed, body: bytes) -> None:
        """Put verified data in force."""
        match signed.kind:
            case "rules":
                self.rules = msgspec.json.decode(body, type=Rules)
            case "catalogue":
                self.catalogue = msgspec.json.decode(body, type=Catalogue)
            case "staff":
                self.staff = msgspec.json.decode(body, type=StaffList)
            case kind if kind == WATCH:
                self.watch = msgspec.json.decode(body, type=WatchList)
            case kind if kind == HOLIDAYS:
                self.calendar = Calendar(msgspec.json.decode(body, type=Holidays).years)
            case _:
                return
        self.versions[signed.kind] = signed.version
        self.refused.pop(signed.kind, None)
        self.changed.set()
        self.changed = anyio.Event()
        _log.info("in force", kind=signed.kind, version=signed.version)

    def rules_in_force(self) -> Rules:
        """The rules; there are some once anybody is served."""
        assert self.rules is not None
        return self.rules

    def catalogue_in_force(self) -> Catalogue:
        """The catalogue; there is one once anybody is served."""
        assert self.catalogue is not None
        return self.catalogue

    def can_serve(self, role: Role) -> bool:
        """Whether there is what a role cannot do without."""
        return (self.rules if role == "gate" else self.catalogue) is not None

    def held(self, kinds: Iterable[str]) -> dict[str, int]:
        """The version of each kind that is held, 0 for none: as the hub is told.

        Args:
            kinds: what this terminal fetches.
        """
        known = {**self.versions, **self.lists.versions}
        return {kind: known.get(kind, 0) for kind in kinds}

    def not_taken(self) -> dict[str, EditionRefused]:
        """What came, is newer than what is held, and cannot be used here."""
        return {**self.refused, **self.lists.refused}

    async def read(self, ledger: Ledger, role: Role) -> None:
        """Put in force what is stored here, if it is still what the hub signed."""
        for kind in _KEPT:
            signed = await ledger.signed(kind)
            if signed is not None:
                try:
                    self.take(signed, verify(signed, self._key))
                except (BadSignature, msgspec.MsgspecError) as error:
                    _log.error("what is stored here is not what the hub signed", kind=kind, why=str(error))
                    self.refused[kind] = EditionRefused(version=signed.version, why=str(error)[:400])
        for kind in TRUST_KINDS if role == "gate" else ():
            signed = await ledger.signed(kind)
            if signed is not None:
                await self.lists.take(signed)

    async def apply(self, ledger: Ledger, signed: Signed) -> None:
        """Take what the uplink has verified, unless this release cannot read it."""
        if signed.kind in TRUST_KINDS:
            if await self.lists.take(signed):
                await ledger.keep_signed(signed)
            return
        try:
            body = verify(signed, self._key)
            _readable(signed.kind, body)  # before it takes the place of one that can be used
            if await ledger.keep_signed(signed):
                self.take(signed, body)
            elif signed.version < self.versions.get(signed.kind, 0):
                _log.error("older than what is in force, and not taken", kind=signed.kind, version=signed.version)
        except (BadSignature, msgspec.MsgspecError) as error:
            _log.error("the hub signed something this release cannot use", kind=signed.kind, why=str(error))
            self.refused[signed.kind] = EditionRefused(version=signed.version, why=str(error)[:400])
