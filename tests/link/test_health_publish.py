"""Publishing trust lists at the hub: what is refused, and the command."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner

from hub.__main__ import app
from hub.fleet.enrolment import ensure_hall
from hub.rules.publish import NotPublishable
from hub.rules.trust import publish_trust
from kiosk.certificates.trust import TrustList
from kiosk.clock import WallClock
from kiosk.wire.trust import Scheme, TrustListBody

NOW = WallClock().now()
DAY = timedelta(days=1)


def body(**changed: object) -> bytes:
    fields: dict[str, object] = {
        "scheme": Scheme.EU_DCC, "issued": NOW, "not_before": NOW - DAY, "next_update": NOW + DAY,
        "expires": NOW + 2 * DAY, "keys": [],
    }  # fmt: skip
    return msgspec.json.encode(msgspec.convert(fields | changed, TrustListBody))


@pytest.fixture
def connection(linked: Any) -> Iterator[Connection]:
    with linked.hub.engine.execution_options(writes=True).connect() as open_, open_.begin() as work:
        ensure_hall(open_, "another", NOW)
        yield open_
        work.rollback()


def test_each_edition_is_one_more_and_opens_on_a_terminal(linked: Any, connection: Connection) -> None:
    first = publish_trust(connection, linked.hub.signing, "another", body(), NOW)
    second = publish_trust(connection, linked.hub.signing, "another", body(issued=NOW + DAY), NOW)
    assert (first.kind, first.version, second.version) == ("trust_eu_dcc", 1, 2)
    assert TrustList.of(second, linked.identity.rules_key, NOW).version == 2
    with pytest.raises(NotPublishable, match="younger"):
        publish_trust(connection, linked.hub.signing, "another", body(), NOW)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no trust list"),
        ("信任".encode("gbk"), "no trust list"),
        (body()[:-1] + b',"more":1}', "unknown field"),
        (body(scheme=Scheme.OWN_CODE), "own codes"),
        (body(next_update=NOW + 3 * DAY), "contradict"),
        (body(not_before=NOW - 9 * DAY, next_update=NOW - 8 * DAY, expires=NOW - DAY), "ended"),
        (b" " * (4 * 1024 * 1024 + 1), "at most"),
    ],
)
def test_what_is_not_published(linked: Any, connection: Connection, data: bytes, why: str) -> None:
    with pytest.raises(NotPublishable, match=why):
        publish_trust(connection, linked.hub.signing, "another", data, NOW)


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_bytes(body())
    arguments = ["trust", "--hall", "weinan", "--file", str(file), "--data", str(tmp_path / "hub")]
    for version in (1, 2):
        result = CliRunner().invoke(app, arguments)
        assert (result.exit_code, result.stdout) == (0, f"trust_eu_dcc version {version}\n")
    file.write_bytes(b"{}")
    assert CliRunner().invoke(app, arguments).exit_code == 2
