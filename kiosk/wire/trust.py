"""Trust lists: whose signatures on certificates count. Signed by the hub like rules, one kind a scheme, dated.

The body of a `Signed` of kind `trust_<scheme>`; its version grows with each edition.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from kiosk.wire.evidence import Moment, Name, Wire


class Scheme(StrEnum):
    """A family of certificates."""

    EU_DCC = "eu_dcc"
    """EU Digital COVID Certificate (eHealth Network, HCERT)."""
    SMART_HEALTH_CARD = "smart_health_card"
    """HL7 SMART Health Cards."""
    VDS_NC = "vds_nc"
    """ICAO Visible Digital Seal for non-constrained environments."""
    OWN_CODE = "own_code"
    """Our own appointment codes; signed with the hub's key, so without a trust list."""


def list_kind(scheme: Scheme) -> str:
    """The `kind` of a scheme's trust list among signed data."""
    return f"trust_{scheme.value}"


class TrustedKey(Wire, frozen=True, kw_only=True):
    """One key that may sign. During a roll-over the old and the new one stand side by side."""

    kid: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    """EU DCC: 8 bytes in hexadecimal. SMART Health Card: thumbprint (RFC 7638). VDS-NC: SHA-256 of the certificate."""
    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    """EU DCC: country (two letters). SMART Health Card: its address, exactly. VDS-NC: country (three letters)."""
    certificate: Annotated[bytes, msgspec.Meta(max_length=8192)] = b""
    """X.509, DER. For VDS-NC that of the country's signing authority (CSCA)."""
    public_key: Annotated[bytes, msgspec.Meta(max_length=2048)] = b""
    """SubjectPublicKeyInfo, DER, where there is no certificate."""
    not_before: Moment | None = None
    expires: Moment | None = None
    """From then on the key counts no longer, whatever it signed before."""


class Revocation(Wire, frozen=True, kw_only=True):
    """One revoked certificate or signer."""

    identifier: Annotated[str, msgspec.Meta(min_length=8, max_length=256)]
    """`kiosk.certificates.trust` says how each scheme makes it."""
    before: Moment | None = None
    """Only what was issued before that; None for all."""


class TrustListBody(Wire, frozen=True, kw_only=True):
    """The content of a trust list."""

    scheme: Scheme
    issued: Moment
    not_before: Moment
    next_update: Moment
    """Past it the list is overdue: answers say so."""
    expires: Moment
    """Past it the list vouches for nothing."""
    keys: Annotated[list[TrustedKey], msgspec.Meta(max_length=20_000)]
    revoked: Annotated[list[Revocation], msgspec.Meta(max_length=20_000)] = msgspec.field(default_factory=list)
    value_sets: dict[Name, list[Name]] = msgspec.field(default_factory=dict)
    """EU DCC: the codes in force for each field, e.g. `mp`; a field without an entry keeps the codes shipped."""
