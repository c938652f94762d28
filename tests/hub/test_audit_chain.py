"""Any change of the audit, or of what it binds, is found."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError
from typer.testing import CliRunner

from hub.__main__ import app
from hub.audit.chain import Actor, Who, append, content_digest, history
from hub.audit.verify import ANCHORS, Found, anchor, verify
from hub.store import schema
from hub.store.engine import migrate, open_engine

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
CLERK = Who(Actor.WINDOW, "weinan", "w01")
DAY = NOW.date()
NUMBER = "00000100000001"


class Book:
    """A small audit, and a knife."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, Ed25519PrivateKey.generate()
        self.engine = open_engine(f"sqlite:///{folder / 'hub.db'}")

    def fill(self) -> None:
        migrate(self.engine)
        values = {"hall": "weinan", "terminal": "desk-1", "id": "x"}
        with self.engine.execution_options(writes=True).begin() as connection:
            position = connection.execute(
                insert(schema.event)
                .values(**values, seq=1, kind="submission", made=NOW, received=NOW, body="{}")
                .returning(schema.event.c.position)
            ).scalar_one()
            connection.execute(
                insert(schema.submission).values(
                    **values,
                    position=position,
                    number=NUMBER,
                    item="i",
                    item_version=1,
                    began=NOW,
                    submitted=NOW,
                    person="0" * 64,
                    name_masked="",
                    number_masked="",
                    papers=0,
                )
            )
            connection.execute(
                insert(schema.handling).values(
                    number=NUMBER,
                    hall="weinan",
                    accepts="weinan",
                    decides="weinan",
                    at_hall="weinan",
                    handling="here",
                    item="i",
                    person="0" * 64,
                    standing="refused",
                    since=NOW,
                    version=3,
                    counted_from=NOW,
                    working_days=5,
                    reason="不符合条件",
                )
            )
            lines = [("paper", "registration", "模糊")]
            connection.execute(
                insert(schema.asked).values(
                    number=NUMBER,
                    place=1,
                    promised=False,
                    part="paper",
                    key="registration",
                    words="模糊",
                    due=NOW.date(),
                )
            )
            append(connection, CLERK, "receive", NUMBER, NOW, standing="received", version=1)
            append(
                connection,
                CLERK,
                "return",
                NUMBER,
                NOW,
                standing="correcting",
                version=2,
                detail={"asked": content_digest(lines)},
            )
            for count in range(5):
                append(connection, CLERK, "open", NUMBER, NOW, detail={"what": str(count)})
            append(
                connection,
                CLERK,
                "refuse",
                NUMBER,
                NOW,
                standing="refused",
                version=3,
                detail={"reason": content_digest("不符合条件")},
            )
        anchor(self.engine, self.folder, self.key, NOW)

    def verify(self, anchors: Path | None = None) -> Found:
        with self.engine.connect() as connection:
            public = self.key.public_key().public_bytes_raw()
            return verify(connection, anchors or self.folder / ANCHORS, public)

    def cut(self, *statements: str) -> None:
        """As somebody who owns the file: the triggers do not stop them."""
        self.engine.dispose()
        connection = sqlite.connect(self.folder / "hub.db", isolation_level=None)
        for what in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS audit_no_{what}")
        for statement in statements:
            connection.execute(statement)
        connection.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    book = Book(tmp_path_factory.mktemp("audit"))
    book.fill()
    book.engine.dispose()
    yield book
    book.engine.dispose()


@pytest.fixture
def book(filled: Book, tmp_path: Path) -> Iterator[Book]:
    for file in filled.folder.iterdir():
        shutil.copy(file, tmp_path)
    copy = Book(tmp_path)
    copy.key = filled.key
    yield copy
    copy.engine.dispose()


def test_untouched_it_is_whole(book: Book) -> None:
    assert book.verify() == Found(rows=8, head=book.verify().head, anchors=1, problems=())


COLUMNS = ("at", "actor", "hall", "who", "what", "subject", "standing", "version", "detail", "before", "hash")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_in_any_column_is_found(book: Book, column: str) -> None:
    other = {"version": "99", "at": "'2020-01-01 00:00:00.000000'", "actor": "'citizen'"}.get(column, "'{}'")
    book.cut(f"UPDATE audit SET {column} = {other} WHERE position = 3")
    assert book.verify().problems


@pytest.mark.parametrize(
    "knife",
    [
        ("DELETE FROM audit WHERE position = 4",),
        ("DELETE FROM audit WHERE position = 1",),
        ("UPDATE audit SET position = position + 100 WHERE position > 3",),
        ("DELETE FROM audit WHERE position = 8",),
        (  # the tail with its head, and what it left: only the anchor knows
            "DELETE FROM audit WHERE position = 8",
            "UPDATE audit_head SET position = 7, hash = (SELECT hash FROM audit WHERE position = 7)",
            "UPDATE handling SET standing = 'correcting', version = 2",
        ),
        ("UPDATE handling SET standing = 'granted'",),
        ("UPDATE handling SET version = 4",),
        ("UPDATE handling SET reason = '符合条件'",),
        ("UPDATE asked SET words = '清楚'",),
        ("DELETE FROM asked",),
        ("DELETE FROM asked", "DELETE FROM handling"),
        ("INSERT INTO result VALUES ('00000100000001', 0, 'x', 1, '假证', '2026-11-22', 'w01')",),
        ("UPDATE audit_head SET hash = 'x'",),
        ("DELETE FROM audit_head",),
        ("DELETE FROM audit", "DELETE FROM audit_head"),
    ],
)
def test_what_is_taken_out_or_changed_is_found(book: Book, knife: tuple[str, ...]) -> None:
    book.cut("PRAGMA foreign_keys=OFF", *knife)
    assert book.verify().problems


def test_a_chain_made_anew_is_found_by_a_copy_of_the_anchors(book: Book, tmp_path: Path) -> None:
    copy = tmp_path / "kept-elsewhere"
    shutil.copy(book.folder / ANCHORS, copy)
    book.cut("DELETE FROM audit", "DELETE FROM audit_head")
    with book.engine.execution_options(writes=True).begin() as connection:
        append(connection, CLERK, "receive", NUMBER, NOW, standing="refused", version=3)
    (book.folder / ANCHORS).unlink()
    assert book.verify(copy).problems


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: {**line, "hash": "0" * 64},
        lambda line: {**line, "position": 3},
        lambda line: {**line, "signature": line["signature"][::-1]},
    ],
)
def test_a_forged_anchor_is_found(book: Book, spoil: Callable[[Any], Any]) -> None:
    file = book.folder / ANCHORS
    file.write_text(json.dumps(spoil(json.loads(file.read_text()))) + "\n")
    assert book.verify().problems


def test_half_an_anchor_after_a_power_cut_is_no_change(book: Book) -> None:
    with (book.folder / ANCHORS).open("ab") as stream:
        stream.write(b'{"position": 9, "ha')
    assert book.verify().problems == ()
    with book.engine.execution_options(writes=True).begin() as connection:
        append(connection, CLERK, "note", "another", NOW)
    assert anchor(book.engine, book.folder, book.key, NOW) is not None
    assert book.verify().problems == ()
    assert book.verify().anchors == 2


def test_the_database_itself_refuses(book: Book) -> None:
    for statement in (schema.audit.update().values(who="x"), schema.audit.delete()):
        with (
            book.engine.execution_options(writes=True).connect() as connection,
            pytest.raises(DatabaseError, match="never changed"),
        ):
            connection.execute(statement)


def test_a_detail_that_is_too_long_is_a_mistake_and_nothing_is_written(book: Book) -> None:
    with book.engine.execution_options(writes=True).connect() as connection:
        with pytest.raises(ValueError, match="at most"):
            append(connection, CLERK, "note", NUMBER, NOW, detail={"text": "长" * 1000})
        assert connection.execute(select(schema.audit_head.c.position)).scalar_one() == 8


def test_the_command_says_what_was_changed(book: Book) -> None:
    run = CliRunner()
    keys = book.folder / "keys"
    assert run.invoke(app, ["audit", "verify", "--data", str(book.folder)]).exit_code == 1  # signed by another hub
    assert keys.exists()
    (book.folder / ANCHORS).unlink()
    good = run.invoke(app, ["audit", "verify", "--data", str(book.folder), "--json"])
    assert (good.exit_code, json.loads(good.stdout)["problems"]) == (0, [])
    book.cut("UPDATE audit SET who = 'w02' WHERE position = 3")
    bad = run.invoke(app, ["audit", "verify", "--data", str(book.folder)])
    assert bad.exit_code == 1
    assert "row 3 was changed" in bad.stderr
    shown = run.invoke(app, ["audit", "show", "--data", str(book.folder), "--subject", NUMBER])
    assert "window/weinan/w01" in shown.stdout


def test_history_is_in_order(book: Book) -> None:
    with book.engine.connect() as connection:
        assert [each.what for each in history(connection, NUMBER)][:2] == ["receive", "return"]
