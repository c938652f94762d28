"""Wrong tries at signing in. Whoever guesses is locked out; the person, at a browser they have used before, is not.

Tries are counted for each account and browser. A browser that somebody has signed in from carries a signed cookie and
is counted by itself; all strange browsers together are one. So a stranger can lock out strangers only, never a hall.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from hub.store import schema

MOST: Final = 5
LOCKED_FOR: Final = timedelta(minutes=5)
MOST_OF_ADDRESS: Final = 100
"""Wrong tries from one address, by strange browsers: a hall has one address for all its people."""
STRANGE: Final = "strange"


def browser_mark(key: bytes, nonce: str = "") -> str:
    """What a browser keeps after somebody signed in from it: `nonce.proof`."""
    nonce = nonce or secrets.token_hex(12)
    proof = hmac.new(key, f"browser\n{nonce}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"{nonce}.{proof}"


def browser_of(key: bytes, mark: str) -> str:
    """Which browser a mark stands for; `STRANGE` for none of ours."""
    nonce, _, _ = mark.partition(".")
    known = nonce and hmac.compare_digest(browser_mark(key, nonce).encode(), mark.encode())
    return nonce if known else STRANGE


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:30]


def buckets(account: str, browser: str, address: str) -> tuple[tuple[str, int], ...]:
    """Where a wrong try counts, and how many may be in each."""
    own = (f"a{_short(account)}.{_short(browser)}", MOST)
    return (own, (f"s{_short(address)}", MOST_OF_ADDRESS)) if browser == STRANGE else (own,)


def locked_until(connection: Connection, counted: tuple[tuple[str, int], ...], now: datetime) -> datetime | None:
    """Until when nothing is tried; None for now."""
    table = schema.sign_in_try
    found = None
    for bucket, most in counted:
        row = connection.execute(select(table).where(table.c.bucket == bucket)).one_or_none()
        if row is not None and row.tries >= most and now < row.until:
            found = row.until if found is None else max(found, row.until)
    return found


def note_wrong(connection: Connection, counted: tuple[tuple[str, int], ...], now: datetime) -> bool:
    """Count a wrong try.

    Returns:
        Whether it was the last before the lock.
    """
    table = schema.sign_in_try
    connection.execute(delete(table).where(table.c.until <= now))
    full = False
    for bucket, most in counted:
        values = {"until": now + LOCKED_FOR}
        if not connection.execute(
            update(table).where(table.c.bucket == bucket).values(tries=table.c.tries + 1, **values)
        ).rowcount:
            connection.execute(insert(table).values(bucket=bucket, tries=1, **values))
        full |= connection.scalar(select(table.c.tries).where(table.c.bucket == bucket)) == most
    return full


def forget(connection: Connection, account: str) -> None:
    """Forget the wrong tries at an account: it was signed in, or somebody unlocked it."""
    table = schema.sign_in_try
    connection.execute(delete(table).where(table.c.bucket.startswith(f"a{_short(account)}.")))


def forget_browser(connection: Connection, account: str, browser: str) -> None:
    """Forget the wrong tries of one browser; strangers keep theirs."""
    connection.execute(
        delete(schema.sign_in_try).where(schema.sign_in_try.c.bucket == buckets(account, browser, "")[0][0])
    )
