"""A payment gateway on the loopback: orders, payers, its own signed call, money back, and the statement of a day."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drivers.simulate.signed_service import SIGNATURE, Body, Rejected, SignedService, signed


@dataclass
class GatewayOrder:
    """One order as the gateway has it. `state`: `waiting`, `paid`, `closed` or `refunded`."""

    order: str
    fen: int
    notify_url: str
    expires: str
    state: str = "waiting"
    number: str = ""
    refunded_fen: int = 0
    paid: float = 0.0


class PaymentGatewayServer(SignedService):
    """The gateway, from entering the context to leaving it.

    Args:
        client: the one merchant it knows.
        secret: shared with it.
        now: seconds since 1970.
        trust: for its own calls over TLS.
    """

    def __init__(
        self,
        client: str = "hall",
        secret: bytes = b"loopback-only-secret",
        now: Callable[[], float] | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.orders: dict[str, GatewayOrder] = {}
        self.trust = trust
        super().__init__(
            client,
            secret,
            {
                "orders": self._make,
                "orders/query": self._query,
                "orders/close": self._close,
                "orders/refund": self._refund,
                "statement": self._statement,
            },
            now,
        )

    def pay(self, qr: str, *, tell: bool = True, fen: int | None = None) -> int:
        """Somebody scans the text and pays.

        Args:
            qr: As it was shown.
            tell: Call the merchant, as gateways do.
            fen: Another amount than asked.

        Returns:
            What the merchant answered to the call, an HTTP status; 0 without one.
        """
        with self.lock:
            order = self.orders[qr.rpartition("/")[2]]
            if order.state != "waiting":
                raise Rejected(order.state)
            order.state, order.number, order.paid = "paid", f"G{len(self.orders):08d}", self.now()
            order.fen = order.fen if fen is None else fen
        return self.call(order) if tell and order.notify_url else 0

    def call(self, order: GatewayOrder, secret: bytes | None = None, seconds: int | None = None) -> int:
        """Tell the merchant about an order; with another secret or time, a call that somebody else made."""
        body = json.dumps({**self._told(order), "order": order.order}).encode()
        when = int(self.now()) if seconds is None else seconds
        request = urllib.request.Request(  # noqa: S310  the address is the test's own
            order.notify_url,
            data=body,
            headers={"Content-Type": "application/json", SIGNATURE: signed(secret or self.secret, when, body)},
        )
        try:
            with urllib.request.urlopen(request, timeout=10, context=self.trust) as response:  # noqa: S310  the same
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code)

    @staticmethod
    def _told(order: GatewayOrder) -> Body:
        return {"state": order.state, "fen": order.fen, "number": order.number}

    def _make(self, body: Body) -> Body:
        order, fen = str(body["order"]), body["fen"]
        if not isinstance(fen, int) or fen <= 0:
            raise Rejected("bad_amount")
        known = self.orders.get(order)
        if known is not None and known.fen != fen:
            raise Rejected("other_amount")
        if known is None:
            self.orders[order] = GatewayOrder(order, fen, str(body.get("notify_url", "")), str(body["expires"]))
        return {"qr": f"https://pay.invalid/q/{order}"}

    def _query(self, body: Body) -> Body:
        order = self.orders.get(str(body["order"]))
        return {"state": "unknown"} if order is None else self._told(order)

    def _close(self, body: Body) -> Body:
        order = self.orders.get(str(body["order"]))
        if order is not None and order.state == "waiting":
            order.state = "closed"
        return self._query(body)

    def _refund(self, body: Body) -> Body:
        order = self.orders.get(str(body["order"]))
        if order is None or order.state not in {"paid", "refunded"}:
            raise Rejected("not_paid")
        if body["fen"] != order.fen:
            raise Rejected("other_amount")
        order.state, order.refunded_fen = "refunded", order.fen
        return self._told(order)

    def _statement(self, body: Body) -> Body:
        china = timedelta(hours=8)
        rows = [
            {"order": each.order, "fen": each.fen, "refunded_fen": each.refunded_fen, "number": each.number}
            for each in self.orders.values()
            if each.paid and (datetime.fromtimestamp(each.paid, UTC) + china).date().isoformat() == body["day"]
        ]
        return {"rows": rows}
