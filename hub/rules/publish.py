"""Publishing signed data for a hall: the rules and the catalogue. `stages` says which terminal gets which edition."""

import tomllib
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select, update

from hub.catalogue.faults import Unsound
from hub.catalogue.folder import SHIPPED, compiled
from hub.store import schema
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Rules
from kiosk.wire.signed import sign

SHIPPED_RULES = Path(__file__).parent / "level-3.toml"
LEVELS = {f"level-{number}": Path(__file__).parent / f"level-{number}.toml" for number in (1, 2, 3, 4)}
"""The four shipped response levels, by the names they are published under; 1 is the strictest."""
RULES = "rules"
CATALOGUE = "catalogue"
HOLIDAYS = "holidays"
SHIPPED_HOLIDAYS = Path(__file__).parent / "holidays.json"
"""Version 1 of `kiosk.wire.holidays.Holidays`; `hub.office.calendar` publishes a hall's own."""


class NotPublishable(Exception):
    """The file cannot be published; says why."""


def newest(connection: Connection, kind: str, hall: str) -> Signed | None:
    """The newest edition for a hall; None before the first."""
    table = schema.published
    row = connection.execute(
        select(table.c.version, table.c.body, table.c.signature)
        .where(table.c.kind == kind, table.c.hall == hall)
        .order_by(table.c.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Signed(kind=kind, version=row.version, body=row.body.encode(), signature=bytes.fromhex(row.signature))


def publish(
    connection: Connection, key: Ed25519PrivateKey, kind: str, hall: str, body: bytes, version: int, now: datetime
) -> Signed:
    """Sign and store an edition."""
    signed = sign(kind, version, body, key)
    connection.execute(
        schema.published.insert().values(
            kind=kind, hall=hall, version=version, body=body.decode(), signature=signed.signature.hex(), made=now
        )
    )
    return signed


def rules_text(name: str) -> str:
    """The TOML of a shipped level (`level-1` to `level-4`), or of a file.

    Raises:
        NotPublishable: There is no such file, or it is no text.
    """
    try:
        return LEVELS.get(name, Path(name)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotPublishable(f"{name} cannot be read: {error}; the shipped ones are {', '.join(LEVELS)}") from error


def rules_from(text: str, hall: str, version: int, now: datetime, seats: int | None = None) -> Rules:
    """Rules of a hall from a TOML file, which names neither hall nor version.

    Args:
        text: TOML with the fields of `Rules`. Instead of `capacity` it may have `seats_share`, e.g. 0.5.
        hall: For this hall.
        version: As this version.
        now: Valid from it, unless the text says otherwise.
        seats: How many the hall has.

    Raises:
        NotPublishable: An unknown key, a wrong type, a contradiction, or no TOML; says which.
    """
    try:
        given = tomllib.loads(text)
        if "seats_share" in given:
            given["capacity"] = _capacity(given, seats)
            del given["seats_share"]
        rules = msgspec.convert({"valid_from": now, **given, "hall": hall, "version": version}, Rules)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise NotPublishable(f"the rules cannot be published: {error}") from error
    _check(rules)
    return rules


def _capacity(given: dict[str, object], seats: int | None) -> int:
    share = given["seats_share"]
    if "capacity" in given:
        raise NotPublishable("the rules say both capacity and seats_share")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise NotPublishable("seats_share is a part of all seats, above 0 and at most 1")
    if seats is None:
        raise NotPublishable("seats_share needs the hall's seats: say --seats once")
    return max(1, int(seats * share))


def _check(rules: Rules) -> None:
    """Refuse rules that contradict themselves: every forehead would be too hot, or none ever."""
    limits = (rules.temperature_lowest_c, rules.temperature_unsure_c, rules.temperature_high_c)
    if not 30 <= limits[0] < limits[1] <= limits[2] <= 43:
        raise NotPublishable("temperatures: 30 ≤ lowest < unsure ≤ high ≤ 43 °C")
    if not rules.temperature_ambient_min_c < rules.temperature_ambient_max_c:
        raise NotPublishable("temperature_ambient_min_c lies below temperature_ambient_max_c")
    if rules.health_required and not rules.health_schemes:
        raise NotPublishable("a proof of health is required, and health_schemes allows none")


def seats_of(connection: Connection, hall: str) -> int | None:
    """How many seats a hall has; None where nobody has said."""
    return connection.scalar(select(schema.hall.c.seats).where(schema.hall.c.hall == hall))


def set_seats(connection: Connection, hall: str, seats: int) -> None:
    """Say how many seats a hall has, for rules that allow a part of them."""
    connection.execute(update(schema.hall).where(schema.hall.c.hall == hall).values(seats=seats))


def _next_version(connection: Connection, kind: str, hall: str) -> int:
    signed = newest(connection, kind, hall)
    return 1 if signed is None else signed.version + 1


def publish_rules(connection: Connection, key: Ed25519PrivateKey, hall: str, text: str, now: datetime) -> Signed:
    """Publish rules as the next version.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: For this hall, which exists.
        text: TOML with the fields of `Rules`, without hall and version.
        now: The time; the rules are valid from it unless they say otherwise.

    Raises:
        NotPublishable: See `rules_from`.
    """
    version = _next_version(connection, RULES, hall)
    body = msgspec.json.encode(rules_from(text, hall, version, now, seats_of(connection, hall)))
    return publish(connection, key, RULES, hall, body, version, now)


def newest_catalogue(connection: Connection, hall: str) -> Catalogue | None:
    """The catalogue in force in a hall; None before the first, or when this release cannot read it."""
    signed = newest(connection, CATALOGUE, hall)
    if signed is None:
        return None
    try:
        return msgspec.json.decode(signed.body, type=Catalogue)
    except msgspec.MsgspecError:
        return None


def publish_catalogue(
    connection: Connection, key: Ed25519PrivateKey, hall: str, folder: Path, now: datetime
) -> Signed | None:
    """Publish a folder of items as the next version, unless it is what is published already.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: For this hall, which exists.
        folder: With `hall.json`, `items/` and `parts/`; see `hub.catalogue`.
        now: The time.

    Raises:
        NotPublishable: Says everything that is wrong, with file and place.
    """
    before = newest_catalogue(connection, hall)
    try:
        made = compiled(folder, before)
    except Unsound as unsound:
        raise NotPublishable(str(unsound)) from unsound
    if before is not None and (made.items, made.life_events) == (before.items, before.life_events):
        return None
    version = _next_version(connection, CATALOGUE, hall)
    body = msgspec.json.encode(msgspec.structs.replace(made, version=version))
    return publish(connection, key, CATALOGUE, hall, body, version, now)


def publish_shipped(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> None:
    """Publish what is shipped, where the hall has none: the rules and the catalogue. A hall's own stays."""
    if newest(connection, RULES, hall) is None:
        publish_rules(connection, key, hall, SHIPPED_RULES.read_text(), now)
    before = newest(connection, CATALOGUE, hall)
    if before is None or b'"life_events"' not in before.body:  # none, or what a release before the folders shipped
        publish_catalogue(connection, key, hall, SHIPPED, now)
    if newest(connection, HOLIDAYS, hall) is None:
        publish(connection, key, HOLIDAYS, hall, SHIPPED_HOLIDAYS.read_bytes(), 1, now)
