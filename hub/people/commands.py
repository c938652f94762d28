"""`python -m hub staff account …`: accounts of the console, from the hub's own machine: the first comes from here."""

import secrets
from typing import Annotated, Final

import msgspec
import typer
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlalchemy import Connection

from hub.audit.chain import Actor, Who, append
from hub.data import DataFolder
from hub.files import write_durably
from hub.fleet.enrolment import ensure_hall
from hub.office.roles import ROLES
from hub.options import DATA, AsJson, Data, Database, checked_name, fail, prepared, reading, writing
from hub.people import tries
from hub.people.accounts import (
    Account,
    AccountRefused,
    accounts,
    disable,
    find_account,
    put_account,
    set_certificate,
    set_secrets,
)
from hub.people.sessions import SET_UP, open_session
from hub.people.settings import FILE, BadPeopleSettings, load_people
from kiosk.clock import WallClock

OPERATOR: Final = Who(Actor.OPERATOR)
AccountHall = Annotated[str, typer.Option("--hall", help="Their hall; none: all halls.")]
AccountId = Annotated[str, typer.Option("--id", help="Staff number: letters, digits, - and _; at most 32.")]
ConsoleUrl = Annotated[str, typer.Option(help="Address of the console as its people reach it.")]
EXAMPLES: Final = (
    ("", "admin", "管理员", (Actor.ADMINISTRATOR,)),
    ("", "auditor", "审计员", (Actor.AUDITOR,)),
    ("", "technician", "技术员", (Actor.TECHNICIAN,)),
    ("*", "entry", "入口值守", (Actor.ENTRY,)),
    ("*", "window", "窗口", (Actor.WINDOW,)),
    ("*", "office", "审批", (Actor.BACK_OFFICE,)),
    ("*", "chief", "主管", (Actor.SUPERVISOR,)),
    ("*", "chief2", "主管二", (Actor.SUPERVISOR,)),
)

group = typer.Typer(help="Accounts of the console.", no_args_is_help=True)


class Invited(msgspec.Struct):
    """What a new account's person gets."""

    hall: str
    id: str
    link: str


def _found(connection: Connection, hall: str, account_id: str) -> Account:
    account = find_account(connection, hall, account_id)
    if account is None:
        fail(f"there is no account {account_id!r} {f'of {hall}' if hall else 'of all halls'}")
    return account


def _link(data: DataFolder, token: str, url: str) -> str:
    running = data.announced()
    return f"{url or (running.console if running else 'http://localhost:8080')}/sign-in/set-up?token={token}"


def _say(invited: Invited, *, json: bool) -> None:
    typer.echo(msgspec.json.encode(invited).decode() if json else invited.link)
    if not json:
        typer.echo("Open it within 24 hours; it is good once.", err=True)


@group.command("add")
def account_add(
    *,
    account_id: AccountId,
    name: Annotated[str, typer.Option(help="As colleagues see it.")],
    role: Annotated[list[str], typer.Option(help=f"Any of {', '.join(ROLES)}; can be given several times.")],
    hall: AccountHall = "",
    url: ConsoleUrl = "",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Add an account, or change its name and roles; prints the link with which its person sets it up."""
    if hall:
        checked_name("hall", hall)
    if wrong := sorted(set(role).difference(ROLES)):
        fail(f"{', '.join(wrong)}: roles are {', '.join(ROLES)}")
    folder, clock = DataFolder(data), WallClock()
    roles = frozenset(Actor(each) for each in role)
    try:
        with writing(data, clock, database) as connection:
            if hall:
                ensure_hall(connection, hall, clock.now())
            now = clock.now()
            put_account(connection, hall=hall, account_id=account_id, name=name, roles=roles, by=OPERATOR, now=now)
            account = _found(connection, hall, account_id)
            token = "" if account.is_set_up else open_session(connection, account, SET_UP, now)
    except AccountRefused as error:
        fail(error)
    if token:
        _say(Invited(hall, account_id, _link(folder, token, url)), json=json)
    else:
        typer.echo(f"{account.key}: {', '.join(sorted(roles))}")


@group.command("link")
def account_link(
    *,
    account_id: AccountId,
    hall: AccountHall = "",
    url: ConsoleUrl = "",
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """A new link, for somebody who forgot the password or lost the telephone; what they had stays good till then."""
    folder, clock = DataFolder(data), WallClock()
    with writing(data, clock, database) as connection:
        account = _found(connection, hall, account_id)
        token = open_session(connection, account, SET_UP, clock.now())
        append(connection, OPERATOR, "link", account.key[:64], clock.now())
    _say(Invited(hall, account_id, _link(folder, token, url)), json=json)


@group.command("off")
def account_off(
    *,
    account_id: AccountId,
    hall: AccountHall = "",
    back: Annotated[bool, typer.Option("--back", help="Let them in again.")] = False,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Let somebody in no longer, and end their sessions; with --back, let them in again."""
    clock = WallClock()
    try:
        with writing(data, clock, database) as connection:
            disable(connection, hall, account_id, by=OPERATOR, now=clock.now(), back=back)
    except AccountRefused as error:
        fail(error)
    typer.echo(f"{account_id} {'may sign in' if back else 'is switched off'}")


@group.command("unlock")
def account_unlock(
    *, account_id: AccountId, hall: AccountHall = "", data: Data = DATA, database: Database = None
) -> None:
    """Forget the wrong tries at an account."""
    clock = WallClock()
    with writing(data, clock, database) as connection:
        account = _found(connection, hall, account_id)
        tries.forget(connection, account.key)
        append(connection, OPERATOR, "unlock", account.key[:64], clock.now())
    typer.echo(f"{account_id} is unlocked")


class _Listed(msgspec.Struct):
    """An account as the command line shows one."""

    hall: str
    id: str
    name: str
    roles: list[str]
    state: str
    second_factor: bool
    certificate: bool


@group.command("list")
def account_list(*, data: Data = DATA, database: Database = None, json: AsJson = False) -> None:
    """Who may sign in."""
    with reading(data, WallClock(), database) as connection:
        found = [
            _Listed(
                each.hall,
                each.id,
                each.name,
                sorted(each.roles),
                "off" if each.disabled else "good" if each.is_set_up else "new",
                bool(each.totp_sealed),
                each.certificate is not None,
            )
            for each in accounts(connection)
        ]
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for each in found:
        typer.echo(f"{each.hall or '*'}/{each.id}\t{each.name}\t{' '.join(each.roles)}\t{each.state}")


@group.command("certificate")
def account_certificate(
    *,
    account_id: AccountId,
    out: Annotated[typer.FileBinaryWrite, typer.Option(help="PKCS#12 file for the browser or a smart card.")],
    hall: AccountHall = "",
    days: Annotated[int, typer.Option(min=1, max=825, help="How long it is good for.")] = 365,
    secret: Annotated[str, typer.Option(help="Protects the file; asked for without echo.", show_default=False)] = "",
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Issue a staff certificate: a browser that shows it is signed in, where the console is served over TLS."""
    folder, clock = DataFolder(data), WallClock()
    word = secret or typer.prompt("Password of the file", hide_input=True, confirmation_prompt=True, err=True)
    engine, authority = prepared(folder, database, clock)
    engine.dispose()
    now = clock.now()
    key, certificate = authority.certify_person(hall, account_id, now, days)
    with writing(data, clock, database) as connection:
        account = _found(connection, hall, account_id)
        set_certificate(connection, account, certificate.fingerprint(hashes.SHA256()).hex(), by=OPERATOR, now=now)
    protect = serialization.BestAvailableEncryption(word.encode())
    name = account.key.encode()
    out.write(pkcs12.serialize_key_and_certificates(name, key, certificate, [authority.certificate], protect))
    typer.echo(f"{account.key}: certificate until {certificate.not_valid_after_utc:%Y-%m-%d}; the one before is void")


class Example(msgspec.Struct):
    """Somebody of the demonstration."""

    hall: str
    id: str
    name: str
    roles: list[str]
    password: str


@group.command("examples")
def account_examples(
    *,
    hall: Annotated[str, typer.Option(help="Their hall.")],
    data: Data = DATA,
    database: Database = None,
    json: AsJson = False,
) -> None:
    """Make one invented person for each role, for a demonstration: with passwords, without telephones.

    Only for a hub where nobody real has an account: the second factor is switched off in `people.toml`.
    """
    checked_name("hall", hall)
    folder, clock = DataFolder(data), WallClock()
    engine, _ = prepared(folder, database, clock)
    engine.dispose()
    try:
        settings = load_people(folder.path)
    except BadPeopleSettings as error:
        fail(error)
    with writing(data, clock, database) as connection:
        known = {account_id for _, account_id, _, _ in EXAMPLES}
        if any(each.id not in known for each in accounts(connection)):
            fail("real people have accounts here: a demonstration needs a hub of its own")
        ensure_hall(connection, hall, clock.now())
        identity = folder.unsealing_identity()
        made = [
            _example(connection, hall if of else "", account_id, name, roles, identity)
            for of, account_id, name, roles in EXAMPLES
        ]
    if settings.second_factor != "off":
        write_durably(folder.path / FILE, b'# A demonstration: nobody real signs in here.\nsecond_factor = "off"\n')
    typer.echo(msgspec.json.encode(made).decode() if json else "\n".join(_line(each) for each in made))


def _example(
    connection: Connection, hall: str, account_id: str, name: str, roles: tuple[Actor, ...], identity: str
) -> Example:
    now = WallClock().now()
    given = frozenset(roles)
    put_account(connection, hall=hall, account_id=account_id, name=name, roles=given, by=OPERATOR, now=now)
    account = _found(connection, hall, account_id)
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    set_secrets(connection, account, password=password, secret=None, step=0, identity=identity, now=now)
    return Example(hall, account_id, name, sorted(roles), password)


def _line(example: Example) -> str:
    return f"{example.hall or '*'}\t{example.id}\t{example.password}\t{' '.join(example.roles)}"
