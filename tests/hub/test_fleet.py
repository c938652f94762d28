"""Orders with a fate, what was heard of terminals, alarms with hysteresis, revoked certificates, who leads, figures."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import msgspec
import pytest
from sqlalchemy import Engine, event, select, update

from hub.api.peer import Certificates
from hub.api.problems import Problem
from hub.fleet import alarms, orders, seen
from hub.fleet.alarms import AlarmKind, Watch
from hub.fleet.enrolment import make_code
from hub.fleet.live import Heard, TerminalKey
from hub.fleet.seen import Seen
from hub.metrics import exposition, family
from hub.store import schema
from hub.store.engine import migrate, open_engine
from hub.store.leader import LEASE, LeaseRow
from kiosk.link.orders import OrderDesk
from kiosk.store.database import Database
from kiosk.store.order_book import KEPT, OrderBook
from kiosk.wire import routes
from kiosk.wire.fleet import DeviceHealth, Health
from kiosk.wire.orders import OrderFate, OrderKind, Orders, OrderSettled, TerminalOrder

pytestmark = pytest.mark.timeout(240)
KEY = TerminalKey("weinan", "gate-1")
START = datetime(2026, 11, 22, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def engine(tmp_path: Path) -> Any:
    made = open_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    migrate(made)
    with made.execution_options(writes=True).begin() as connection:
        make_code(connection, KEY.hall, KEY.terminal, "gate", START)
    yield made
    made.dispose()


def writing(engine: Engine) -> Any:
    return engine.execution_options(writes=True).begin()


def health(at: datetime, **changes: Any) -> Health:
    given: dict[str, Any] = {
        "terminal": KEY.terminal,
        "role": "gate",
        "version": "1",
        "made": at,
        "in_service": True,
        "view": "Welcome",
        "rules_version": 1,
        "outbox_waiting": 0,
        "outbox_dead": 0,
    }
    return Health(**{**given, **changes})


def heard(at: datetime, **changes: Any) -> Seen:
    return seen.seen_of(Heard(health(**{"at": at, **changes}), changes.pop("received", at)))


def test_an_order_and_its_fates(engine: Engine) -> None:
    with writing(engine) as connection:
        one, two, three = (
            orders.give(connection, [KEY], kind, by="li", now=START, text="x")[0]
            for kind in (OrderKind.RELOAD, OrderKind.MESSAGE, OrderKind.RESTART)
        )
        assert [each.number for each in orders.waiting(connection, KEY, START)] == [one, two, three]
        orders.note_fetched(connection, [one, two], START)
        assert orders.withdraw(connection, three, START)
        assert not orders.withdraw(connection, one, START)
        other = TerminalKey("weinan", "gate-2")
        done = OrderSettled(fate=OrderFate.DONE)
        assert not orders.settle(connection, other, one, done, START)  # another's order
        assert orders.settle(connection, KEY, one, done, START)
        assert orders.settle(connection, KEY, one, OrderSettled(fate=OrderFate.FAILED), START)  # told, not counted
        assert orders.expire(connection, START + orders.LIFE) == 1
        fates = {each.number: each.fate for each in orders.history(connection, KEY)}
        assert fates == {one: OrderFate.DONE, two: OrderFate.EXPIRED, three: OrderFate.WITHDRAWN}
        assert orders.settle(connection, KEY, two, done, START)  # late, and true all the same
        for wrong in ({"keys": [other]}, {"text": " "}, {"text": "x" * 501}, {"life": timedelta(0)}):
            given: dict[str, Any] = {"keys": [KEY], "kind": OrderKind.MESSAGE, "by": "li", "now": START, "text": "x"}
            with pytest.raises(orders.OrderRefused):
                orders.give(connection, **{**given, **wrong})


def test_orders_over_the_wire(running: Any, terminal: Any) -> None:
    key = TerminalKey(terminal.enrolled.hall, terminal.enrolled.terminal)
    assert terminal.http.get(routes.ORDERS).json() == {"orders": []}
    with writing(running.hub.engine) as connection:
        (number,) = orders.give(connection, [key], OrderKind.RELOAD, by="li", now=running.hub.now())
    (order,) = msgspec.json.decode(terminal.http.get(f"{routes.ORDERS}?wait=2").content, type=Orders).orders
    assert (order.number, order.kind) == (number, OrderKind.RELOAD)
    other = running.terminal()
    settled = b'{"fate": "done"}'
    assert other.http.put(f"{routes.ORDERS}/{number}", content=settled).status_code == 404
    for wrong in (b"{", b'{"fate": "waiting"}', b'{"fate": "gone"}'):
        assert terminal.http.put(f"{routes.ORDERS}/{number}", content=wrong).status_code == 422
    assert terminal.http.put(f"{routes.ORDERS}/{number}", content=settled).status_code == 204
    assert terminal.http.put(f"{routes.ORDERS}/{number}", content=settled).status_code == 204
    assert terminal.http.get(routes.ORDERS).json() == {"orders": []}
    assert terminal.http.get(f"{routes.ORDERS}?wait=x").status_code == 422


def test_the_terminal_carries_out_each_order_once(tmp_path: Path) -> None:
    did: list[str] = []
    told: list[tuple[int, OrderFate]] = []
    clock = Clock()

    class Hub:
        async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
            if method == "PUT":
                assert content is not None
                number = int(path.rpartition("/")[2])
                told.append((number, msgspec.json.decode(content, type=OrderSettled).fate))
                return b""
            expires = START + timedelta(hours=1)
            kinds = (OrderKind.RELOAD, OrderKind.LOCK, OrderKind.MESSAGE, OrderKind.RESTART)
            found = [TerminalOrder(number=n, kind=kind, expires=expires) for n, kind in enumerate(kinds, 1)]
            return msgspec.json.encode(Orders(orders=(*found, TerminalOrder(number=9, kind=kinds[0], expires=START))))

    async def reload(order: TerminalOrder) -> None:
        did.append(order.kind.value)

    async def message(_order: TerminalOrder) -> None:
        raise RuntimeError("no screen")

    async def restart(order: TerminalOrder) -> None:
        assert told[-1] == (order.number, OrderFate.DONE)  # told before nothing more can be said
        did.append("restart")

    async def main() -> None:
        database = await Database.open(tmp_path / "t.db")
        acts = {OrderKind.RELOAD: reload, OrderKind.MESSAGE: message, OrderKind.RESTART: restart}
        for _ in range(2):
            await OrderDesk(Hub(), OrderBook(database), acts, clock).once()
        book = OrderBook(database)
        for number in range(100, 100 + KEPT + 5):
            await book.note_order(number, OrderSettled(fate=OrderFate.DONE))
        assert await book.order_done(1) is None
        assert await book.order_done(100 + KEPT) is not None
        await database.close()

    anyio.run(main)
    assert did == ["reload", "restart"]
    fates = {1: OrderFate.DONE, 2: OrderFate.REFUSED, 3: OrderFate.FAILED, 4: OrderFate.DONE, 9: OrderFate.FAILED}
    assert (dict(told), len(told)) == (fates, 10)


def test_what_was_heard_is_kept_and_never_goes_back(engine: Engine) -> None:
    later = START + timedelta(seconds=5)
    with writing(engine) as connection:
        seen.keep(connection, {KEY: heard(later, view="Later")})
        seen.keep(connection, {KEY: heard(START, view="Before")})  # another process was slower
        seen.keep(connection, {})
        assert seen.since(connection, None)[KEY].health.view == "Later"
        assert seen.since(connection, later) == {}
        skewed = Seen(health(START + timedelta(minutes=3)), later + timedelta(seconds=1), timedelta(minutes=3))
        seen.keep(connection, {KEY: skewed})
        assert seen.since(connection, None)[KEY] == skewed


def raised(connection: Any) -> set[tuple[AlarmKind, str]]:
    return {(each.kind, each.about) for each in alarms.current(connection)}


def test_alarms_come_and_go_by_themselves_without_flicker(engine: Engine) -> None:
    watch, at = Watch(), START
    bad = DeviceHealth(
        name="printer", driver="escpos", state="failed", code="no_answer", supplies={"paper": "near_end"}
    )

    def look(seconds: float, **changes: Any) -> set[tuple[AlarmKind, str]]:
        nonlocal at
        at += timedelta(seconds=seconds)
        with writing(engine) as connection:
            alarms.keep(
                connection,
                watch.look(connection, {KEY: heard(at, **changes)}, {KEY: START + timedelta(days=30)}, at),
                at,
            )
            return raised(connection)

    assert look(0) == set()
    assert look(5, devices=(bad,)) == {(AlarmKind.SUPPLY, "printer")}
    assert look(30) == {(AlarmKind.SUPPLY, "printer")}  # the device is back within the minute: nobody was called
    assert look(5, devices=(bad,)) == {(AlarmKind.SUPPLY, "printer")}
    assert look(5) == look(30) == {(AlarmKind.SUPPLY, "printer")}  # a roll that turns: now near its end, now not
    assert look(31) == set()
    assert look(5, devices=(bad,)) == {(AlarmKind.SUPPLY, "printer")}
    assert (AlarmKind.DEVICE, "printer") in look(61, devices=(bad,))
    assert look(5) == {(AlarmKind.SUPPLY, "printer")}
    assert look(60) == set()
    old = {"outbox_waiting": 3, "oldest_waiting": at - timedelta(minutes=11)}
    assert look(1, **old) == {(AlarmKind.OUTBOX, "")}
    assert look(1, outbox_waiting=1, oldest_waiting=at - timedelta(minutes=5)) == {(AlarmKind.OUTBOX, "")}
    assert look(1, outbox_waiting=1, oldest_waiting=at - timedelta(minutes=1)) == set()
    assert look(1, outbox_dead=1) == {(AlarmKind.DEAD_LETTER, "")}
    with writing(engine) as connection:
        last = heard(at, outbox_dead=1)
        silent = at + timedelta(minutes=3)
        alarms.keep(connection, watch.look(connection, {KEY: last}, {KEY: START}, silent), silent)
        # Nothing is known of a silent one: what was wrong stays wrong.
        found = {(AlarmKind.SILENT, ""), (AlarmKind.DEAD_LETTER, ""), (AlarmKind.EXPIRED, "")}
        assert raised(connection) == found  # when its certificate ends the hub knows itself
    assert look(200) == set()
    with writing(engine) as connection:
        skewed = Seen(health(at + timedelta(seconds=40)), at, timedelta(seconds=40))
        alarms.keep(connection, watch.look(connection, {KEY: skewed}, {}, at), at)
        assert raised(connection) == {(AlarmKind.CLOCK, "")}
        alarms.keep(connection, watch.look(connection, {KEY: Seen(health(at), at, timedelta(seconds=10))}, {}, at), at)
        assert raised(connection) == {(AlarmKind.CLOCK, "")}
        alarms.keep(
            connection,
            watch.look(
                connection, {KEY: Seen(health(at), at, timedelta(seconds=2))}, {KEY: at + timedelta(days=9)}, at
            ),
            at,
        )
        assert raised(connection) == {(AlarmKind.CERTIFICATE, "")}
        notices = connection.execute(select(schema.notice.c.detail)).scalars().all()
        assert notices.count("raised supply") == 2
        assert notices.count("cleared device") == 1


def test_acknowledged_and_silenced_by_people(engine: Engine) -> None:
    watch = Watch()
    wrong, right = heard(START, outbox_dead=2), heard(START)
    with writing(engine) as connection:
        alarms.keep(connection, watch.look(connection, {KEY: wrong}, {}, START), START)
        (alarm,) = alarms.current(connection)
        assert alarms.acknowledge(connection, alarm.number, "li", START)
        assert alarms.acknowledge(connection, alarm.number, "wang", START)
        assert alarms.current(connection)[0].by == "li"
        assert alarms.silence(connection, alarm.number, START + timedelta(hours=8))
        assert not alarms.acknowledge(connection, 999, "li", START)
        assert not alarms.silence(connection, 999, START)
        alarms.keep(connection, watch.look(connection, {KEY: right}, {}, START), START)
        before = len(connection.execute(select(schema.notice)).all())
        alarms.keep(
            connection, watch.look(connection, {KEY: wrong}, {}, START), START
        )  # back while silenced: shown, and nobody is told
        assert len(alarms.current(connection)) == 1
        assert len(connection.execute(select(schema.notice)).all()) == before
        assert [each.cleared is None for each in alarms.of_terminal(connection, KEY)] == [True, False]


def test_one_leads_and_another_takes_over(engine: Engine) -> None:
    clock = Clock()
    one, two = LeaseRow(engine, clock), LeaseRow(engine, clock)
    assert (one.hold(), two.hold(), one.hold()) == (True, False, True)
    clock.at += LEASE + timedelta(seconds=1)
    assert (two.hold(), one.hold()) == (True, False)
    two.let_go()
    assert one.hold()
    with writing(engine) as connection:  # by a clock that was a year ahead
        connection.execute(update(schema.lease).values(until=START + timedelta(days=365)))
    assert two.hold()


def test_a_revoked_certificate_is_refused(running: Any) -> None:
    terminal = running.terminal()
    assert terminal.http.get(routes.TIME).status_code == 200
    table = schema.certificate
    with writing(running.hub.engine) as connection:  # as `python -m hub terminal revoke` does, from another process
        mine = (table.c.hall == terminal.enrolled.hall, table.c.terminal == terminal.enrolled.terminal)
        connection.execute(update(table).where(*mine).values(replaced=True))
    deadline = time.monotonic() + 90
    while (refused := terminal.http.get(routes.TIME)).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:kiosk:problem:certificate-replaced")
    assert terminal.post(terminal.encode(terminal.passage())).status_code == 401


def test_a_terminal_that_enrols_while_certificates_are_read_stays_known(engine: Engine) -> None:
    certificates, key, now = Certificates(), TerminalKey("weinan", "gate-2"), START
    der = b"a certificate"
    request: Any = SimpleNamespace(scope={"extensions": {"tls": {"client_der": der}}})

    def enrolled(*_given: object) -> None:  # after the database has answered, before the answer is taken
        certificates.add(hashlib.sha256(der).hexdigest(), key, now + timedelta(days=30))

    with engine.connect() as connection:
        event.listen(engine, "after_cursor_execute", enrolled)
        certificates.load_if_changed(connection)
        event.remove(engine, "after_cursor_execute", enrolled)
        assert certificates.terminal_of(request, now) == key
        certificates.load_if_changed(connection)  # and what the database then says counts: it has none
        with pytest.raises(Problem, match="no longer in force"):
            certificates.terminal_of(request, now)


def test_figures_for_prometheus(engine: Engine) -> None:
    with writing(engine) as connection:
        seen.keep(connection, {KEY: heard(START, outbox_waiting=4, outbox_dead=1, in_service=False)})
        orders.give(connection, [KEY], OrderKind.RELOAD, by="li", now=START)
        alarms.keep(connection, Watch().look(connection, seen.since(connection, None), {}, START), START)
        text = exposition(connection, START + timedelta(seconds=7))
    for line in (
        'kiosk_terminals{hall="weinan"} 1',
        'kiosk_heartbeat_gap_seconds{hall="weinan"} 7',
        'kiosk_outbox_waiting{hall="weinan"} 4',
        'kiosk_alarms{hall="weinan",kind="dead_letter"} 1',
        'kiosk_orders{fate="waiting"} 1',
        "kiosk_events_total 0",
    ):
        assert line in text.splitlines(), text
    assert family("x", "gauge", "y", [({"hall": 'a"b\n\\'}, 1.5)]).endswith('kiosk_x{hall="a\\"b\\n\\\\"} 1.5\n')
    parser = pytest.importorskip("prometheus_client.parser")
    assert len(list(parser.text_string_to_metric_families(text))) == 15


def test_health_reaches_the_record(running: Any, terminal: Any) -> None:
    name = terminal.enrolled.terminal
    body = msgspec.json.encode(health(running.hub.now(), terminal=name))
    answer: httpx.Response = terminal.http.post(routes.HEALTH, content=body)
    assert answer.status_code == 200
    deadline = time.monotonic() + 90
    while not running.rows("SELECT terminal FROM terminal_seen WHERE terminal = ?", name):
        assert time.monotonic() < deadline
        time.sleep(0.1)
