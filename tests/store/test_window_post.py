"""A draft that goes to a window leaves nothing on the disk that could be opened, byte by byte."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import msgspec
import pytest
from uuid6 import uuid7

from kiosk.store.database import Database
from kiosk.store.drafts import Drafts
from kiosk.store.ledger import Ledger
from kiosk.store.shelf import StoredDraft
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.store.window_post import WindowPost
from kiosk.wire.events import DraftHandedOver, Envelope, Person
from kiosk.wire.window import (
    DraftPage,
    DraftPaper,
    HandedDraft,
    NotADraft,
    code_of,
    name_of,
    new_secret,
    opened,
    sealed,
)

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
ITEM, PERSON = "housing-fund-withdrawal", "a" * 64
KEPT = b"sealed to the card " * 400  # more than a page of the database
PICTURE = b"\xff\xd8\xff picture " * 3000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Wall:
    def now(self) -> datetime:
        return NOW


def on_disk(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def holds(folder: Path, what: bytes) -> list[str]:
    return [name for name, content in on_disk(folder).items() if what in content]


async def test_afterwards_no_byte_on_the_disk_can_be_opened(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "terminal.db")
    shelf, ledger = Drafts(database, Wall()), Ledger(database, tmp_path / "papers", Wall())
    await shelf.keep(StoredDraft(PERSON, ITEM, 1, NOW, NOW + timedelta(days=7), True, KEPT))
    assert holds(tmp_path, KEPT[:64])  # it is looked for where it would be found
    secret = new_secret()
    draft = HandedDraft(
        item=ITEM,
        item_version=1,
        began=NOW,
        person=Person(name="王小明", number="110101199003070011", document="resident"),
        answers={"phone": "13800138000"},
        papers=(
            DraftPaper(kind="contract", captured=NOW, device="camera", grade="C", pages=(DraftPage(front=PICTURE),)),
        ),
    )
    body = sealed(draft, secret)
    name = await ledger.keep_paper(body)
    made = DraftHandedOver(
        id=uuid7(), draft=name_of(secret), item=ITEM, made=NOW, expires=NOW + timedelta(days=7), sha256=name,
        bytes=len(body),
    )  # fmt: skip
    woken: list[bool] = []
    await WindowPost(database, lambda: woken.append(True)).hand_over(made, PERSON)
    assert woken
    assert await shelf.of(PERSON) == []
    code = code_of(secret).encode()
    for trace in (
        KEPT[:64],
        KEPT[-64:],
        bytes(secret),
        code,
        code[4:],
        b"13800138000",
        "王小明".encode(),
        PICTURE[:32],
    ):
        assert holds(tmp_path, trace) == []
    # What waits for the hub is the sealed file; without the code it is nothing, with it everything.
    left = (tmp_path / "papers" / name).read_bytes()
    with pytest.raises(NotADraft):
        opened(left, new_secret())
    assert opened(left, secret) == draft
    (waiting,) = await StoredOutbox(database, tmp_path / "papers").due(10)
    assert waiting.papers == (name,)
    assert msgspec.json.decode(waiting.body, type=Envelope).event == made
    await database.close()
    assert holds(tmp_path, KEPT[:64]) == []


async def test_a_power_cut_in_the_middle_leaves_either_the_draft_or_the_hand_over(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "terminal.db")
    shelf = Drafts(database, Wall())
    await shelf.keep(StoredDraft(PERSON, ITEM, 1, NOW, NOW + timedelta(days=7), True, KEPT))
    made = DraftHandedOver(id=uuid7(), draft=uuid7(), item=ITEM, made=NOW, expires=NOW, sha256="b" * 64, bytes=1)
    post = WindowPost(database)
    await post.hand_over(made, PERSON)
    with pytest.raises(Exception, match=r"UNIQUE|constraint"):
        await post.hand_over(made, "c" * 64)  # the same once more: refused as a whole
    with anyio.fail_after(60):
        assert len(await StoredOutbox(database, tmp_path / "papers").due(10)) == 1
    await database.close()
