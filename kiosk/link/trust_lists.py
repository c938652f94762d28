"""The terminal's trust lists: what the hub signed, put in force when its time has come."""

import anyio

from kiosk.certificates.trust import Trust, TrustList, TrustProblem, TrustRefused
from kiosk.clock import Clock
from kiosk.log import logger
from kiosk.wire.fleet import EditionRefused, Signed
from kiosk.wire.trust import Scheme, list_kind

_log = logger("trust_lists")

KINDS = tuple(list_kind(s) for s in (Scheme.EU_DCC, Scheme.SMART_HEALTH_CARD, Scheme.VDS_NC))
"""What is fetched of the signed editions, beside the rules."""


class TrustLists:
    """Holds the lists in force, and those that begin later.

    Args:
        hub_key: the hub's signing key, 32 raw bytes.

    Attributes:
        versions: of each list that is in force or waits for its time, by kind.
        refused: the newest list of each kind that cannot be used, and why.
    """

    def __init__(self, hub_key: bytes, clock: Clock) -> None:
        self._hub_key, self._clock = hub_key, clock
        self._trust = Trust(own_key=hub_key)
        self._later: dict[str, Signed] = {}
        self.versions: dict[str, int] = {}
        self.refused: dict[str, EditionRefused] = {}

    async def take(self, signed: Signed) -> bool:
        """Take an edition; what is in force stays where it cannot be used.

        Returns:
            Whether it is in force now: it is to be kept. One that begins later is put in force when its time comes, and
            one that was refused is not wanted again.
        """
        # Two thousand certificates take a moment to parse: not on the loop that serves the person in front.
        opened = await anyio.to_thread.run_sync(self._opened, signed)
        return opened is not None and self._put(signed, opened)

    async def in_force(self) -> Trust:
        """The lists in force now."""
        for signed in tuple(self._later.values()):
            await self.take(signed)
        return self._trust

    def _opened(self, signed: Signed) -> TrustList | None:
        try:
            return TrustList.of(signed, self._hub_key, self._clock.now())
        except TrustRefused as refused:
            if refused.problem is not TrustProblem.NOT_YET_IN_FORCE:
                self._later.pop(signed.kind, None)
                self._refuse(signed, refused)
            elif signed.kind not in self._later or self._later[signed.kind].version < signed.version:
                self._later[signed.kind] = signed
                self._hold(signed)
                _log.info("a trust list that begins later", kind=signed.kind, version=signed.version)
            return None

    def _put(self, signed: Signed, opened: TrustList) -> bool:
        try:
            self._trust = self._trust.with_list(opened)
        except TrustRefused as refused:
            self._refuse(signed, refused)
            self._forget(signed)
            return False
        self._forget(signed)
        self._hold(signed)
        _log.info("in force", kind=signed.kind, version=signed.version, count=len(opened.signers))
        return True

    def _forget(self, signed: Signed) -> None:
        """Nothing older than this has to come in force any more."""
        later = self._later.get(signed.kind)
        if later is not None and later.version <= signed.version:
            del self._later[signed.kind]

    def _hold(self, signed: Signed) -> None:
        self.versions[signed.kind] = max(signed.version, self.versions.get(signed.kind, 0))
        refused = self.refused.get(signed.kind)
        if refused is not None and refused.version <= signed.version:
            del self.refused[signed.kind]

    def _refuse(self, signed: Signed, why: TrustRefused) -> None:
        _log.error("trust list refused", kind=signed.kind, version=signed.version, why=str(why))
        if signed.version > self.versions.get(signed.kind, 0):  # an older one is no news
            self.refused[signed.kind] = EditionRefused(version=signed.version, why=str(why)[:400])
