"""Signatures with the terminal's own key (ECDSA P-256, SHA-256), which anybody who has the hub's CA can check."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.tpm import TpmError, passphrase_of
from kiosk.wire import identity as files
from kiosk.wire.technician import SIGNING_DOMAIN, Sealed
from provisioning.talk import CannotDo, Exit

__all__ = ("Sealed", "sign", "signer_of")


def sign(body: bytes, identity: Path) -> Sealed:
    """Sign with the key in an identity folder; unsigned where there is none.

    Raises:
        CannotDo: there is a key that cannot be used.
    """
    try:
        certificate_file, key_file = files.pair_in(identity)
        pem = key_file.read_bytes()
        certificate = _certificates(certificate_file.read_text())
    except FileNotFoundError:
        return Sealed(body=body)
    except OSError as error:
        raise CannotDo(
            Exit.NOT_NOW, f"the terminal's key cannot be read ({error}): run as its user, or as root"
        ) from error
    try:
        key = serialization.load_pem_private_key(pem, passphrase_of(pem, identity))
    except TpmError as error:
        raise CannotDo(Exit.NOT_NOW, str(error)) from error
    except ValueError as error:
        raise CannotDo(Exit.NOT_NOW, f"{key_file} is damaged: enrol again (--again)") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CannotDo(Exit.NOT_NOW, f"{key_file} is no P-256 key: enrol again (--again)")
    return Sealed(
        body=body, signature=key.sign(SIGNING_DOMAIN + body, ec.ECDSA(hashes.SHA256())), certificate=certificate
    )


def _certificates(pem: str) -> str:
    """The certificates of a file that may hold their key, too: that never leaves."""
    begin = pem.find("-----BEGIN CERTIFICATE-----")
    return pem[max(begin, 0) :]


def signer_of(sealed: Sealed, ca: bytes, at: datetime) -> str:
    """Who signed, after everything was checked.

    Args:
        sealed: the document.
        ca: the hub's CA, PEM.
        at: when it was signed; the certificate has to be valid then.

    Returns:
        The common name in the certificate.

    Raises:
        CannotDo: unsigned, changed, or signed by a stranger; the message says which.
    """
    if not sealed.signature:
        raise CannotDo(Exit.REFUSED, "it is not signed: the terminal was not enrolled when it was made")
    try:
        authority = x509.load_pem_x509_certificate(ca)
        certificate = x509.load_pem_x509_certificate(sealed.certificate.encode())
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise CannotDo(Exit.REFUSED, "it was not signed by a terminal of this hub") from error
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise CannotDo(Exit.REFUSED, "the signer's certificate was not valid at that time")
    key = certificate.public_key()
    try:
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise CannotDo(Exit.REFUSED, "the signer has no P-256 key")
        key.verify(sealed.signature, SIGNING_DOMAIN + sealed.body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise CannotDo(Exit.REFUSED, "it was changed after it was signed") from error
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else "?"
