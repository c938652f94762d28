"""Who else could be the second person: so that nobody waits for a yes that nobody may say."""

from sqlalchemy import Connection

from hub.audit.chain import Actor
from hub.people.accounts import ALL_HALLS, accounts


def seconds(connection: Connection, hall: str, person: tuple[str, str], roles: frozenset[Actor]) -> int:
    """How many others could confirm what somebody proposed.

    Args:
        connection: For reading.
        hall: What it is for; empty for the whole hub.
        person: Hall and id of the account that proposed it.
        roles: Those that may confirm.
    """
    return sum(
        each.hall in {hall, ALL_HALLS}
        and each.disabled is None
        and bool(each.roles & roles)
        and (each.hall, each.id) != person
        for each in accounts(connection)
    )
