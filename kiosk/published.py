"""What the hub has signed and this terminal goes by: read at the start, taken whenever something newer comes."""

from typing import Final

import anyio
import msgspec

from kiosk.config import Role
from kiosk.link.trust_lists import KINDS as TRUST_KINDS
from kiosk.link.trust_lists import TrustLists
from kiosk.log import logger
from kiosk.store.ledger import Ledger
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.fleet import Signed
from kiosk.wire.holidays import KIND as HOLIDAYS
from kiosk.wire.holidays import Calendar, Holidays
from kiosk.wire.rules import Rules
from kiosk.wire.signed import BadSignature, verify
from kiosk.wire.staff import StaffList

_log = logger("run")

_KEPT: Final = ("rules", "catalogue", "staff", HOLIDAYS)


class Published:
    """Rules, catalogue, staff and trust lists in force.

    Args:
        rules_key: raw Ed25519 public key of the hub, from enrolment.
        lists: takes the trust lists.

    Attributes:
        rules: None before the first; the same of the others.
        calendar: which days are worked; before the hub has said, all from Monday to Friday.
        changed: set, and replaced, whenever something comes into force.
    """

    def __init__(self, rules_key: bytes, lists: TrustLists) -> None:
        self.rules: Rules | None = None
        self.catalogue: Catalogue | None = None
        self.staff: StaffList | None = None
        self.calendar = Calendar()
        self.changed = anyio.Event()
        self.lists = lists
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
            case kind if kind == HOLIDAYS:
                self.calendar = Calendar(msgspec.json.decode(body, type=Holidays).years)
            case _:
                return
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

    async def read(self, ledger: Ledger, role: Role) -> None:
        """Put in force what is stored here, if it is still what the hub signed."""
        for kind in _KEPT:
            signed = await ledger.signed(kind)
            if signed is not None:
                try:
                    self.take(signed, verify(signed, self._key))
                except (BadSignature, msgspec.MsgspecError) as error:
                    _log.error("what is stored here is not what the hub signed", kind=kind, why=str(error))
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
            if await ledger.keep_signed(signed):
                self.take(signed, body)
        except (BadSignature, msgspec.MsgspecError) as error:
            _log.error("the hub signed something this release cannot use", kind=signed.kind, why=str(error))
