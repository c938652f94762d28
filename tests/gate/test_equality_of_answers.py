"""Terminal and hub give the same answer: 10,000 random evidences through the wire, both stores and both replays."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, insert

from hub.app import prepare
from hub.data import DataFolder
from hub.fleet.enrolment import ensure_hall
from hub.fleet.live import TerminalKey
from hub.gate.ingest import add_passage
from hub.gate.rehearsal import Change, rehearse
from hub.gate.rehearsal import compare as rehearsed
from hub.gate.replay import Outcome, decide_again
from hub.gate.replay import replay as replay_at_hub
from hub.rules.publish import LEVELS, publish_rules, rules_from, set_seats
from hub.store import schema
from kiosk.clock import WallClock
from kiosk.gate.policy import decide
from kiosk.replay import replay_store
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.wire.events import Envelope, Passage
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Rules, Verdict
from tests.gate.random_evidence import FIRST, passages

MANY = 10_000
STORED = 300
HALL = "weinan"
SEATS = 200


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_ten_thousand_answers_are_the_same_after_the_wire() -> None:
    known = {
        version: rules_from(file.read_text(encoding="utf-8"), HALL, version, FIRST, SEATS)
        for version, file in enumerate(LEVELS.values(), start=1)
    }
    # The hub reads its rules from its own table, so they have travelled too.
    published = {
        version: msgspec.json.decode(msgspec.json.encode(rules), type=Rules) for version, rules in known.items()
    }
    verdicts: Counter[Verdict] = Counter()
    for passage in passages(list(known.values()), MANY, 20261122):
        line = msgspec.json.encode(Envelope(seq=1, made=passage.decided, event=passage))
        arrived = msgspec.json.decode(line, type=Envelope).event
        assert isinstance(arrived, Passage)
        assert decide_again(arrived, published) == (Outcome.SAME, passage.decision)
        again = rehearsed(
            arrived.evidence, arrived.decision, published[arrived.decision.rules_version], arrived.decided
        )
        assert again == (Change.SAME, passage.decision)
        verdicts[passage.decision.verdict] += 1
    assert all(verdicts[verdict] > MANY // 50 for verdict in Verdict), verdicts


class Hub:
    """A hub's database with four editions of the rules, and what one lane has sent to it."""

    def __init__(self, folder: Path) -> None:
        self.data = DataFolder(folder)
        clock = WallClock()
        self.engine: Engine
        self.engine, _ = prepare(self.data, None, clock)
        self.key: Ed25519PrivateKey = self.data.signing_key()
        with self.engine.execution_options(writes=True).begin() as connection:
            ensure_hall(connection, HALL, clock.now())
            set_seats(connection, HALL, SEATS)
            self.signed: list[Signed] = [
                publish_rules(connection, self.key, HALL, file.read_text(encoding="utf-8"), clock.now())
                for file in LEVELS.values()
            ]
        self.rules = [msgspec.json.decode(signed.body, type=Rules) for signed in self.signed]

    def take(self, sent: list[Passage]) -> None:
        now = WallClock().now()
        with self.engine.execution_options(writes=True).begin() as connection:
            for seq, passage in enumerate(sent, start=1):
                body = msgspec.json.encode(Envelope(seq=seq, made=passage.decided, event=passage)).decode()
                position = connection.execute(
                    insert(schema.event).values(
                        hall=HALL,
                        terminal="gate-1",
                        seq=seq,
                        id=str(passage.id),
                        kind="passage",
                        made=passage.decided,
                        received=now,
                        body=body,
                    )
                ).inserted_primary_key
                assert position is not None
                add_passage(connection, TerminalKey(HALL, "gate-1"), passage, position[0], now)


@pytest.mark.anyio
async def test_both_stores_decide_the_same_again_and_so_does_a_rehearsal(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "hub")
    sent = passages(hub.rules, STORED, 7)
    hub.take(sent)
    with hub.engine.connect() as connection:
        at_hub = replay_at_hub(connection, HALL)
        moved = {rules.version: rehearse(connection, HALL, rules) for rules in hub.rules}
    hub.engine.dispose()
    assert (at_hub.passages, at_hub.same, at_hub.good) == (STORED, STORED, True)

    file = tmp_path / "terminal.db"
    database = await Database.open(file)
    try:
        ledger = Ledger(database, tmp_path / "papers", WallClock())
        for signed in hub.signed:
            assert await ledger.keep_signed(signed)
        for passage in sent:
            await ledger.keep_passage(passage)
    finally:
        await database.close()
    here = await replay_store(file, hub.key.public_key().public_bytes_raw())
    assert (here.passages, here.same, here.agrees, here.rules) == (STORED, STORED, True, (1, 2, 3, 4))

    # What the hub says that other rules would have decided, the terminal's own function decides.
    for rules in hub.rules:
        differs = sum(decide(p.evidence, rules, p.decided).verdict is not p.decision.verdict for p in sent)
        found = moved[rules.version]
        assert found.passages == STORED
        assert found.other_verdict <= differs <= found.other_verdict + found.unknown


def test_a_changed_decision_or_changed_rules_are_found(tmp_path: Path) -> None:
    """The comparison can fail: it finds what is otherwise."""
    hub = Hub(tmp_path / "hub")
    lenient = msgspec.structs.replace(hub.rules[0], temperature_unsure_c=43.0, temperature_high_c=43.0)
    sent = passages([lenient], 200, 3)
    hub.take(sent)
    with hub.engine.connect() as connection:
        found = replay_at_hub(connection, HALL)
    hub.engine.dispose()
    otherwise = sum(decide(p.evidence, hub.rules[0], p.decided) != p.decision for p in sent)
    assert found.differs == otherwise > 0
