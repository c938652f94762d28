"""Settings of terminals that two people decide on: what a proposal holds, what it would change, carrying it out."""

from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub.audit.chain import Detail, Who, append
from hub.console.words import Language, word
from hub.fleet import site_settings
from hub.fleet.site_settings import Place, Scope
from hub.people.proposals import Kind, Proposal
from hub.rules.publish import NotPublishable
from hub.rules.stages import EVERYBODY, set_stage
from kiosk.wire.site import KIND, BadSettings, SiteEdition

KINDS = frozenset({Kind.SITE, Kind.SITE_SHARE})
"""What technicians may propose and confirm, besides supervisors and administrators."""


class SiteMoved(Exception):
    """Somebody else published settings meanwhile."""


class SiteWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A proposal: a text for somebody as the hall's next edition, or a larger share of the newest."""

    scope: Scope = Scope.EVERYBODY
    name: str = ""
    text: str = ""
    share: int = EVERYBODY
    names: list[str] = []
    """Terminals that begin with it whatever the share is."""
    seen: int = 0
    """The newest version when it was proposed."""

    @property
    def place(self) -> Place:
        """For whom."""
        return Place(self.scope, self.name)

    @property
    def whom(self) -> str:
        """For whom, as the audit tells it."""
        return f"{self.scope.value} {self.name}".strip()


def newest_version(connection: Connection, hall: str) -> int:
    """Of a hall's settings; 0 before the first."""
    known = site_settings.standings(connection, hall, 1)
    return known[0].stage.version if known else 0


def wanted_in(text: str) -> SiteWanted:
    """What a proposal wants."""
    return msgspec.json.decode(text, type=SiteWanted)


def text_of(wanted: SiteWanted) -> tuple[str, str]:
    """A proposal's line for the list, which the pages say in words, and its whole text."""
    return f"{wanted.whom} {wanted.share}", msgspec.json.encode(wanted).decode()


def difference_in_words(before: SiteEdition, after: SiteEdition, language: Language) -> list[tuple[str, list[str]]]:
    """What one edition says otherwise than another; for whom, in words."""

    def whom(told: str) -> str:
        scope, _, name = told.partition(" ")
        return word(f"site_of_{scope}", language).format(name=name)

    return [(whom(told), lines) for told, lines in site_settings.difference(before, after)]


def would_change(connection: Connection, found: Proposal, language: Language) -> list[tuple[str, list[str]]]:
    """What a proposal of settings would change in what is the newest now."""
    if found.kind is not Kind.SITE:
        return []
    wanted, before = wanted_in(found.text), site_settings.latest(connection, found.hall)
    after = site_settings.with_text(before, wanted.place, site_settings.tidy(wanted.text))
    return difference_in_words(before, after, language)


def do_wanted(
    connection: Connection, key: Ed25519PrivateKey, hall: str, kind: Kind, wanted: SiteWanted, now: datetime
) -> int | None:
    """Publish a text, or roll the newest out to more; its version, None where it is what is published already.

    Raises:
        SiteMoved: Somebody published meanwhile.
        BadSettings: The text is wrong; names each line.
        NotPublishable: See `hub.rules.stages.set_stage`.
    """
    if newest_version(connection, hall) != wanted.seen:
        raise SiteMoved
    if kind is Kind.SITE_SHARE:
        return set_stage(connection, KIND, hall, share=wanted.share, names=wanted.names).version
    signed = site_settings.put(
        connection, key, hall, wanted.place, wanted.text, now, share=wanted.share, names=wanted.names
    )
    return None if signed is None else signed.version


def carry_out_site(connection: Connection, key: Ed25519PrivateKey, proposal: Proposal, who: Who, now: datetime) -> None:
    """Do what two people decided about settings.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        proposal: Confirmed.
        who: Who confirmed it.
        now: The time.

    Raises:
        SiteMoved: Somebody published meanwhile.
        NotPublishable: It cannot be any more: the terminal is gone, or nobody is in the group.
    """
    wanted, hall = wanted_in(proposal.text), proposal.hall
    try:
        version = do_wanted(connection, key, hall, proposal.kind, wanted, now)
    except BadSettings as error:  # checked when it was proposed; what may be said has changed since
        raise NotPublishable("; ".join(f"{line} {name}: {what}" for line, name, what in error.problems)) from error
    told: Detail = {"for": wanted.whom, "share": wanted.share, "proposed_by": proposal.by}
    what = "settings" if proposal.kind is Kind.SITE else "settings_share"
    append(connection, who, what, hall, now, version=wanted.seen if version is None else version, detail=told)
