"""Every edition of the rules is kept, and the past is read page by page."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest
from uuid6 import uuid7

from kiosk.clock import WallClock
from kiosk.store import past as past_module
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.past import Past
from kiosk.wire.events import Passage
from kiosk.wire.evidence import Evidence, NotMeasured, Why
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Decision, Reason, Verdict

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NOTHING = NotMeasured(why=Why.NOT_SHOWN)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def signed(version: int, kind: str = "rules") -> Signed:
    return Signed(kind=kind, version=version, body=b"%d" % version, signature=bytes([version]) * 64)


def passage() -> Passage:
    evidence = Evidence(identity=NOTHING, face=NOTHING, temperature=NOTHING, code=NOTHING, occupancy=NOTHING)
    decision = Decision(verdict=Verdict.REFER, reasons=(Reason.NO_FACE,), rules_version=1)
    return Passage(id=uuid7(), lane="1", began=NOW, decided=NOW, evidence=evidence, decision=decision)


async def test_old_rules_stay_when_new_ones_come(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "terminal.db")
    try:
        ledger = Ledger(database, tmp_path / "papers", WallClock())
        assert [await ledger.keep_signed(signed(v)) for v in (3, 4, 2, 4, 9)] == [True, True, False, False, True]
        await ledger.keep_signed(signed(5, "catalogue"))
        assert await Past(database).rules() == [signed(3), signed(4), signed(9)]
        assert await ledger.signed("rules") == signed(9)
    finally:
        await database.close()


async def test_the_rules_of_an_older_release_are_taken_over(tmp_path: Path) -> None:
    """A store of before this table: what is in force is the first edition that is kept."""
    path = tmp_path / "terminal.db"
    folder = Path(past_module.__file__).parent / "schema"
    connection = sqlite.connect(str(path))
    for script in ("0001_first.sql", "0002_device.sql", "0003_gate.sql"):
        connection.executescript((folder / script).read_text(encoding="utf-8"))
    for row in (signed(8), signed(5, "catalogue")):
        connection.execute("INSERT INTO signed VALUES (?, ?, ?, ?)", (row.kind, row.version, row.body, row.signature))
    connection.execute("PRAGMA user_version=3")
    connection.commit()
    connection.close()
    database = await Database.open(path)
    try:
        assert await Past(database).rules() == [signed(8)]
    finally:
        await database.close()


async def test_every_passage_comes_once_over_all_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_module, "PAGE", 3)
    database = await Database.open(tmp_path / "terminal.db")
    try:
        ledger = Ledger(database, tmp_path / "papers", WallClock())
        kept = [passage() for _ in range(8)]
        for one in kept:
            await ledger.keep_passage(one)
        past, place, found = Past(database), 0, list[str]()
        while page := await past.passages(place):
            assert len(page) <= 3
            found += [identifier for _, identifier, _ in page]
            place = page[-1][0]
        assert found == [str(one.id) for one in kept]
        body = await past.passage(kept[5].id)
        assert body is not None
        assert msgspec.json.decode(body, type=Passage) == kept[5]
        assert await past.passage(uuid7()) is None
    finally:
        await database.close()
