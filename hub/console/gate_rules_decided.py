"""Rules that two people decided on: what a proposal holds, and how it is carried out."""

import json
from datetime import datetime
from typing import Final

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.audit.chain import Detail
from hub.console.gate_audit import RULES_SUBJECT, Change, names_of, note
from hub.people.proposals import Kind, Proposal
from hub.rules.publish import RULES, newest, publish_rules
from hub.rules.stages import EVERYBODY, roll_back, set_stage
from kiosk.wire.rules import Rules

_NOT_IN_THE_TEXT: Final = frozenset({"version", "hall", "valid_from"})

_log = structlog.get_logger()


class Moved(Exception):
    """Somebody else published meanwhile.

    Attributes:
        version: The newest one.
    """

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} was published meanwhile")
        self.version = version


def rules_toml(rules: Rules) -> str:
    """Rules as a text that can be edited and published again: without hall, version and date.

    Args:
        rules: Of an edition.
    """
    lines = []
    for name in rules.__struct_fields__:
        value = getattr(rules, name)
        if name in _NOT_IN_THE_TEXT or value is None:
            continue
        plain = msgspec.to_builtins(value)
        lines.append(f"{name} = {json.dumps(plain, ensure_ascii=False)}")  # of these types JSON's and TOML's are one
    return "\n".join(lines) + "\n"


def check_newest(connection: Connection, hall: str, seen: int) -> None:
    """See that nobody published meanwhile.

    Raises:
        Moved: Somebody did.
    """
    signed = newest(connection, RULES, hall)
    if signed is not None and signed.version != seen:
        raise Moved(signed.version)


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proposal about rules: a text, a share of the terminals, or the rules from before."""

    text: str = ""
    share: int = EVERYBODY
    names: list[str] = []
    seen: int = 0
    """The newest version when it was proposed."""


def current_rules(connection: Connection, hall: str) -> str:
    """The newest rules of a hall as a text; empty where it has none."""
    signed = newest(connection, RULES, hall)
    return "" if signed is None else rules_toml(msgspec.json.decode(signed.body, type=Rules))


def carry_out_rules(
    connection: Connection, key: Ed25519PrivateKey, proposal: Proposal, who: str, now: datetime
) -> None:
    """Do what two people decided about rules.

    Args:
        connection: Inside a writing transaction.
        key: Signs.
        proposal: Confirmed.
        who: Who confirmed it, as the hall's records name them.
        now: The time.

    Raises:
        Moved: Somebody published meanwhile.
        NotPublishable: The rules cannot be.
    """
    wanted, hall = msgspec.json.decode(proposal.text, type=Wanted), proposal.hall
    check_newest(connection, hall, wanted.seen)
    told: Detail = {"share": wanted.share, "names": names_of(wanted.names), "proposed_by": proposal.by}
    change, version = Change.RULES_PUBLISHED, wanted.seen
    if proposal.kind is Kind.RULES:
        version = publish_rules(connection, key, hall, wanted.text, now).version
        set_stage(connection, RULES, hall, share=wanted.share, names=wanted.names, narrow=True)
    elif proposal.kind is Kind.RULES_SHARE:
        change = Change.RULES_SHARED
        set_stage(connection, RULES, hall, share=wanted.share, names=wanted.names)
    else:
        change, told = Change.RULES_ROLLED_BACK, {"proposed_by": proposal.by}
        version = roll_back(connection, key, hall, now).version
    note(connection, hall, who, change, RULES_SUBJECT, now, version=version, detail=told)
    _log.info("rules decided", hall=hall, kind=proposal.kind.value, version=version, by=who)
