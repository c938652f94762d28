"""`python -m kiosk replay` on a store that a gate has written."""

import json
from datetime import UTC, datetime
from pathlib import Path

import anyio
import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid6 import uuid7

from kiosk.clock import WallClock
from kiosk.config import read_site
from kiosk.gate.policy import decide
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.wire import identity as files
from kiosk.wire.events import Passage
from kiosk.wire.evidence import Evidence, NotMeasured, Why
from kiosk.wire.fleet import Enrolled
from kiosk.wire.rules import Level, Rules
from kiosk.wire.signed import sign
from tests.kiosk.test_command import kiosk
from tests.kiosk.test_config import GATE

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
LEFT_OUT = NotMeasured(why=Why.NOT_REQUIRED)
EDITIONS = [
    Rules(
        version=version, hall="weinan", level=Level.IV, valid_from=NOW, identity_required=False, face_required=False,
        temperature_required=version == 2, code_required=False,
    )
    for version in (1, 2)
]  # fmt: skip


def passage(by: Rules) -> Passage:
    missing = NotMeasured(why=Why.NOT_SHOWN, device="thermometer")
    evidence = Evidence(identity=LEFT_OUT, face=LEFT_OUT, temperature=missing, code=LEFT_OUT, occupancy=LEFT_OUT)
    return Passage(id=uuid7(), lane="1", began=NOW, decided=NOW, evidence=evidence, decision=decide(evidence, by, NOW))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An enrolled gate's files."""
    file = tmp_path / "site.toml"
    file.write_text(GATE, encoding="utf-8")
    read = read_site(file)
    folder = read.identity_of("gate")
    folder.mkdir(parents=True)
    enrolled = Enrolled(
        terminal=read.terminal, hall="weinan", certificate="", ca="", hub_recipient="", hall_key="00" * 32,
        rules_key=KEY.public_key().public_bytes_raw().hex(), receipt_range=1,
    )  # fmt: skip
    (folder / files.ENROLLED).write_bytes(msgspec.json.encode(enrolled))
    (folder / files.HUB).write_bytes(
        msgspec.json.encode(files.HubAddress(url="https://hub.invalid", ca_sha256="0" * 64))
    )
    return file


def store_of(site: Path) -> Path:
    return read_site(site).data / "gate" / "terminal.db"


async def _write(path: Path, kept: list[Passage]) -> None:
    database = await Database.open(path)
    ledger = Ledger(database, path.parent / "papers", WallClock())
    for edition in EDITIONS:
        await ledger.keep_signed(sign("rules", edition.version, msgspec.json.encode(edition), KEY))
    for one in kept:
        await ledger.keep_passage(one)
    await database.close()


def test_every_passage_decides_the_same(root: Path, site: Path) -> None:
    kept = [passage(EDITIONS[0]), passage(EDITIONS[1])]
    assert kept[0].decision.verdict != kept[1].decision.verdict
    anyio.run(_write, store_of(site), kept)
    result = kiosk(root, "replay", "--site", str(site))
    report = json.loads(result.stdout)
    assert (result.returncode, report["agrees"], report["passages"], report["same"]) == (0, True, 2, 2)
    assert report["rules"] == [1, 2]

    one = kiosk(root, "replay", "--site", str(site), "--passage", str(kept[1].id))
    assert (one.returncode, json.loads(one.stdout)["passages"]) == (0, 1)


def test_a_changed_record_ends_with_1(root: Path, site: Path) -> None:
    kept = [passage(EDITIONS[0]), passage(EDITIONS[1])]
    anyio.run(_write, store_of(site), kept)
    changed = msgspec.structs.replace(kept[1], decision=msgspec.structs.replace(kept[0].decision, rules_version=2))
    connection = sqlite.connect(str(store_of(site)))
    connection.execute("UPDATE passage SET body = ? WHERE id = ?", (msgspec.json.encode(changed), str(changed.id)))
    connection.commit()
    connection.close()
    result = kiosk(root, "replay", "--site", str(site))
    report = json.loads(result.stdout)
    assert (result.returncode, report["agrees"]) == (1, False)
    (difference,) = report["differs"]
    assert difference["passage"] == str(changed.id)
    assert (difference["stored"]["verdict"], difference["again"]["verdict"]) == ("admit", "refer")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "nothing was decided here yet"), (["--passage", "seven"], "is no id of a passage")],
)
def test_wrong_arguments_end_with_2_and_make_no_store(root: Path, site: Path, arguments: list[str], said: str) -> None:
    result = kiosk(root, "replay", "--site", str(site), *arguments)
    assert (result.returncode, said in result.stderr, "Traceback" in result.stderr) == (2, True, False)
    assert not store_of(site).exists()


def test_a_passage_that_is_not_here(root: Path, site: Path) -> None:
    anyio.run(_write, store_of(site), [])
    result = kiosk(root, "replay", "--site", str(site), "--passage", str(uuid7()))
    assert (result.returncode, "is stored here" in result.stderr) == (2, True)
