"""A courier on the loopback: parcels with labels, and the events of their way as a test makes them happen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from drivers.simulate.signed_service import Body, Rejected, SignedService

WAY: Final = (
    ("collected", "快件已揽收"),
    ("moving", "快件已到达分拨中心"),
    ("out", "快递员正在派送"),
    ("delivered", "已签收,签收人:本人"),
)
"""From the window to the door."""


@dataclass
class Sent:
    """One parcel as the courier has it."""

    reference: str
    label: str
    to: dict[str, str]
    events: list[tuple[float, str, str]] = field(default_factory=list)


class CourierServer(SignedService):
    """The courier, from entering the context to leaving it.

    Args:
        client: the one client it knows.
        secret: shared with it.
        now: seconds since 1970.
    """

    def __init__(
        self,
        client: str = "hall",
        secret: bytes = b"loopback-only-secret",
        now: Callable[[], float] | None = None,
    ) -> None:
        self.parcels: dict[str, Sent] = {}
        super().__init__(client, secret, {"parcels": self._order, "parcels/track": self._track}, now)

    def happen(self, label: str, state: str, words: str = "") -> None:
        """Something happens to a parcel."""
        with self.lock:
            parcel = next(each for each in self.parcels.values() if each.label == label)
            parcel.events.append((self.now(), state, words))

    def carry(self, label: str) -> None:
        """The whole way to the door."""
        for state, words in WAY:
            self.happen(label, state, words)

    def _order(self, body: Body) -> Body:
        to, reference = body["to"], str(body["reference"])
        if not isinstance(to, dict) or not all(to.get(each) for each in ("name", "phone", "street")):
            raise Rejected("bad_address")
        if reference not in self.parcels:
            self.parcels[reference] = Sent(reference, f"SF{len(self.parcels) + 1:012d}", dict(to))
        return {"label": self.parcels[reference].label}

    def _track(self, body: Body) -> Body:
        parcel = next((each for each in self.parcels.values() if each.label == body["label"]), None)
        if parcel is None:
            raise Rejected("no_such_label")
        return {
            "events": [
                {"at": datetime.fromtimestamp(at, UTC).isoformat(), "state": state, "words": words}
                for at, state, words in parcel.events
            ]
        }
