"""Who acts at the gate's pages: names of the hall's people, as its records have them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from hub.people.accounts import ALL_HALLS, accounts
from hub.people.staff import members


@dataclass(frozen=True, slots=True)
class Member:
    """Who is signed in, as the hall's records name them."""

    id: str
    name: str


def names(connection: Connection, hall: str) -> dict[str, str]:
    """What colleagues call each person who may have acted in a hall, by the id in its records."""
    central = {f"*/{each.id}": each.name for each in accounts(connection, ALL_HALLS)}
    own = {each.id: each.name for each in accounts(connection, hall)}
    return {**central, **own, **{each.id: each.name for each in members(connection, hall)}}
