"""Accounts: who may sign in at the console, with what proof, in which roles. Kept apart from the lanes' staff list."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from hub.audit.chain import Actor, Detail, Who, append
from hub.office.roles import ROLES, roles_of
from hub.people.locked_away import locked_away, taken_out
from hub.store import schema

ALL_HALLS: Final = ""
"""The hall of people who work for all halls."""
PASSWORD_LENGTH: Final = (10, 128)
RECOVERY_CODES: Final = 10
_N, _R, _P = 2**14, 8, 5
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_RECOVERY = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}")
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FIRST_TRIED: Final = (
    "password",
    "1234567",
    "qwertyui",
    "11111111",
    "abc12345",
    "admin",
    "88888888",
    "zhengwu",
    "iloveyou",
)


class AccountRefused(Exception):
    """What was asked cannot be done.

    Attributes:
        kind: Stable: `bad_id`, `bad_name`, `bad_role`, `exists`, `no_such_account`, `short`, `long`, `easy`, `last`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    hall: str
    """Empty for all halls."""
    id: str
    name: str
    salt: str
    password: str
    totp_sealed: str
    totp_step: int
    certificate: str | None
    made: datetime
    disabled: datetime | None
    roles: frozenset[Actor]

    @property
    def is_set_up(self) -> bool:
        """Whether it has a password."""
        return bool(self.password)

    @property
    def can_sign_in(self) -> bool:
        """Whether it has anything to sign in with."""
        return self.is_set_up or self.certificate is not None

    @property
    def key(self) -> str:
        """As it stands in the audit: `hall/id`."""
        return f"{self.hall or '*'}/{self.id}"


def password_digest(password: str, salt: str) -> str:
    """What is kept of a password, 64 hexadecimal digits: scrypt, n = 2^14, r = 8, p = 5. Slow, by design."""
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=_N, r=_R, p=_P, dklen=32).hex()


_NOBODY_SALT: Final = "0" * 32


def password_is(account: Account | None, password: str) -> bool:
    """Whether this is the account's password; takes as long for nobody's. Call it in a thread."""
    given = password_digest(password[:1024], account.salt if account is not None and account.salt else _NOBODY_SALT)
    kept = account.password if account is not None and account.is_set_up else "-" * 64
    return hmac.compare_digest(given, kept)


def check_password(password: str, names: Iterable[str] = ()) -> None:
    """See that a password is one that nobody guesses soon.

    Args:
        password: As typed.
        names: What it must not consist of: the person's id and name.

    Raises:
        AccountRefused: `short`, `long` or `easy`.
    """
    least, most = PASSWORD_LENGTH
    if len(password) < least:
        raise AccountRefused("short", f"a password has at least {least} characters")
    if len(password) > most:
        raise AccountRefused("long", f"a password has at most {most} characters")
    plain = password.casefold()
    for each in (*names, *_FIRST_TRIED):
        plain = plain.replace(each.casefold(), "") if each else plain
    if len(set(plain)) < 5:  # a few characters over and over, or nothing beside what everybody tries first
        raise AccountRefused("easy", "that password is one of the first that anybody would try")


def _account(row: Row[Any], roles: frozenset[Actor]) -> Account:
    return Account(
        row.hall,
        row.id,
        row.name,
        row.salt,
        row.password,
        row.totp_sealed,
        row.totp_step,
        row.certificate,
        row.made,
        row.disabled,
        roles,
    )


def find_account(connection: Connection, hall: str, account_id: str) -> Account | None:
    """An account; None where there is none."""
    table = schema.account
    row = connection.execute(select(table).where(table.c.hall == hall, table.c.id == account_id)).one_or_none()
    return None if row is None else _account(row, roles_of(connection, hall, account_id))


def of_certificate(connection: Connection, fingerprint: str) -> Account | None:
    """The account a staff certificate belongs to; None for a certificate that is nobody's."""
    table = schema.account
    row = connection.execute(select(table).where(table.c.certificate == fingerprint)).one_or_none()
    return None if row is None else _account(row, roles_of(connection, row.hall, row.id))


def accounts(connection: Connection, hall: str | None = None) -> list[Account]:
    """All accounts, or those of a hall, by hall and id."""
    table = schema.account
    query = select(table) if hall is None else select(table).where(table.c.hall == hall)
    found = connection.execute(query.order_by(table.c.hall, table.c.id)).all()
    return [_account(row, roles_of(connection, row.hall, row.id)) for row in found]


def put_account(
    connection: Connection, *, hall: str, account_id: str, name: str, roles: frozenset[Actor], by: Who, now: datetime
) -> None:
    """Add an account, or change its name and roles; recorded in the audit.

    Args:
        connection: Inside a writing transaction.
        hall: Existing; empty for all halls.
        account_id: Letters, digits, - and _; at most 32.
        name: As colleagues see it, at most 64 characters.
        roles: Of `ROLES`; at least one.
        by: Who does it.
        now: The time.

    Raises:
        AccountRefused: `bad_id`, `bad_name`, `bad_role`; `last` for the last administrator.
    """
    if not _ID.fullmatch(account_id):
        raise AccountRefused("bad_id", "an id has letters, digits, - and _ only, at most 32")
    if not name.strip() or len(name) > 64:
        raise AccountRefused("bad_name", "a name has 1 to 64 characters")
    if not roles or roles.difference(ROLES):
        raise AccountRefused("bad_role", f"roles are {', '.join(ROLES)}; at least one")
    table, role = schema.account, schema.office_role
    which = (table.c.hall == hall, table.c.id == account_id)
    known = connection.execute(select(table.c.id).where(*which).with_for_update()).first() is not None
    before = find_account(connection, hall, account_id)
    if known:
        connection.execute(update(table).where(*which).values(name=name.strip(), changed=now))
    else:
        connection.execute(
            insert(table).values(
                hall=hall, id=account_id, name=name.strip(), salt="", password="", made=now, changed=now
            )
        )
    connection.execute(delete(role).where(role.c.hall == hall, role.c.staff == account_id))
    for each in sorted(roles):
        connection.execute(insert(role).values(hall=hall, staff=account_id, role=each.value, made=now))
    if before is not None:
        _keep_an_administrator(connection, before)
    told: Detail = {"roles": " ".join(sorted(roles)), "new": not known}
    append(connection, by, "account", _subject(hall, account_id), now, detail=told)


def _subject(hall: str, account_id: str) -> str:
    return f"{hall or '*'}/{account_id}"[:64]


def _keep_an_administrator(connection: Connection, before: Account) -> None:
    """Who was an administrator may only cease to be one as long as another is left, who can let the same people in.

    One of all halls can do that for each; one who never used their link, and may never do, counts for nobody who could
    sign in.
    """
    if Actor.ADMINISTRATOR not in before.roles or before.disabled is not None:
        return
    left = [
        each
        for each in accounts(connection)
        if Actor.ADMINISTRATOR in each.roles and each.disabled is None and each.hall in {ALL_HALLS, before.hall}
    ]
    if not any(each.can_sign_in or not before.can_sign_in for each in left):
        raise AccountRefused("last", "this is the last administrator: make another one first, who signs in once")


def disable(connection: Connection, hall: str, account_id: str, *, by: Who, now: datetime, back: bool = False) -> None:
    """Let somebody in no longer, and end their sessions; or let them in again.

    Raises:
        AccountRefused: `no_such_account`; `last` for the last administrator.
    """
    table, session = schema.account, schema.session
    values = {"disabled": None if back else now, "changed": now}
    before = find_account(connection, hall, account_id)
    if not connection.execute(
        update(table).where(table.c.hall == hall, table.c.id == account_id).values(values)
    ).rowcount:
        raise AccountRefused("no_such_account", f"there is no account {account_id!r}")
    connection.execute(delete(session).where(session.c.hall == hall, session.c.id == account_id))
    if before is not None:
        _keep_an_administrator(connection, before)
    append(connection, by, "account_back" if back else "account_off", _subject(hall, account_id), now)


def set_secrets(
    connection: Connection,
    account: Account,
    *,
    password: str,
    secret: bytes | None,
    step: int,
    identity: str,
    now: datetime,
) -> list[str]:
    """Set a password and a second factor, and give new recovery codes; ends all sessions.

    Args:
        connection: Inside a writing transaction.
        account: Whose.
        password: Checked here. Its scrypt is slow: the caller's transaction waits for it.
        secret: Of the one-time codes; None for none.
        step: The newest step that was used.
        identity: The hub's age identity, to whose public half the secret is sealed.
        now: The time.

    Returns:
        The recovery codes, to be shown once; none without a second factor.

    Raises:
        AccountRefused: See `check_password`.
    """
    check_password(password, (account.id, account.name))
    salt = secrets.token_hex(16)
    table, session, recovery = schema.account, schema.session, schema.recovery_code
    connection.execute(
        update(table)
        .where(table.c.hall == account.hall, table.c.id == account.id)
        .values(
            salt=salt,
            password=password_digest(password, salt),
            totp_sealed="" if secret is None else locked_away(secret, identity),
            totp_step=step,
            changed=now,
        )
    )
    connection.execute(delete(session).where(session.c.hall == account.hall, session.c.id == account.id))
    connection.execute(delete(recovery).where(recovery.c.hall == account.hall, recovery.c.id == account.id))
    codes = (
        [] if secret is None else ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    )
    for code in codes:
        connection.execute(insert(recovery).values(hall=account.hall, id=account.id, sha256=_digest(code)))
    who = who_of(account)
    append(connection, who, "secrets", account.key[:64], now, detail={"second": secret is not None})
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]


def totp_secret(account: Account, identity: str) -> bytes | None:
    """The secret of an account's one-time codes; None where it has none.

    Raises:
        CannotUnseal: The hub's identity is another one.
    """
    return taken_out(account.totp_sealed, identity) if account.totp_sealed else None


def note_step(connection: Connection, account: Account, step: int) -> bool:
    """Use up a one-time code; False where somebody just used it."""
    table = schema.account
    done = connection.execute(
        update(table)
        .where(table.c.hall == account.hall, table.c.id == account.id, table.c.totp_step < step)
        .values(totp_step=step)
    )
    return done.rowcount == 1


def use_recovery(connection: Connection, account: Account, code: str, now: datetime) -> bool:
    """Use up a recovery code; False where it is none, or was used."""
    plain = code.upper().replace("-", "").replace(" ", "").replace("O", "0").replace("I", "1").replace("L", "1")
    if not _RECOVERY.fullmatch(plain):
        return False
    table = schema.recovery_code
    done = connection.execute(
        update(table)
        .where(
            table.c.hall == account.hall,
            table.c.id == account.id,
            table.c.sha256 == _digest(plain),
            table.c.used.is_(None),
        )
        .values(used=now)
    )
    return done.rowcount == 1


def recovery_left(connection: Connection, account: Account) -> int:
    """How many recovery codes are left."""
    table = schema.recovery_code
    query = select(table.c.sha256).where(table.c.hall == account.hall, table.c.id == account.id, table.c.used.is_(None))
    return len(connection.execute(query).all())


def set_certificate(
    connection: Connection, account: Account, fingerprint: str | None, *, by: Who, now: datetime
) -> None:
    """Give an account a staff certificate, or take it away."""
    table = schema.account
    connection.execute(
        update(table)
        .where(table.c.hall == account.hall, table.c.id == account.id)
        .values(certificate=fingerprint, changed=now)
    )
    append(connection, by, "certificate", account.key[:64], now, detail={"sha256": fingerprint})


def who_of(account: Account, actor: Actor | None = None) -> Who:
    """An account as the audit names it, in a role; without one, in the first of its roles."""
    return Who(actor or min(account.roles, default=Actor.HUB), account.hall, account.id)


def _digest(code: str) -> str:
    """Of 80 random bits: nobody guesses them, also from the digest."""
    return hashlib.sha256(code.encode()).hexdigest()
