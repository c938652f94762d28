"""The hub's own certificate authority: P-256, X.509. It certifies terminals and the hub's terminal port."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.files import write_durably

TERMINAL_DAYS = 90
_CA_DAYS = 20 * 365
_SERVER_DAYS = 365
_BACKDATE = timedelta(days=1)  # terminals whose clock is a little behind must be able to enrol


class BadRequest(Exception):
    """A certificate request that cannot be granted; says why."""


@dataclass(frozen=True)
class Issued:
    """A certificate that was issued."""

    pem: str
    fingerprint: str
    """SHA-256 of the certificate in DER, hexadecimal."""
    expires: datetime


def terminal_urn(hall: str, terminal: str) -> str:
    """The name under which a terminal is certified."""
    return f"urn:kiosk:{hall}:{terminal}"


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


class Authority:
    """The CA of one hub.

    Args:
        folder: Holds `ca.key` (0600) and `ca.pem`; both are made when they are missing.
        now: The time of the CA's making, if it is made.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder = folder
        key_file, certificate_file = folder / "ca.key", folder / "ca.pem"
        if not certificate_file.exists():
            self._make(key_file, certificate_file, now)
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("ca/ca.key is no elliptic curve key")
        self._key = key
        self.pem = certificate_file.read_text()
        self.certificate = x509.load_pem_x509_certificate(self.pem.encode())

    @staticmethod
    def _make(key_file: Path, certificate_file: Path, now: datetime) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        name = _name(f"Kiosk hub {serial % 0xFFFFFF:06x}")
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(now - _BACKDATE)
            .not_valid_after(now + timedelta(days=_CA_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(ca=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        # The certificate last: where it exists, its key does.
        write_durably(key_file, _pem(key))
        write_durably(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the CA certificate in DER, hexadecimal; travels in the enrolment ticket."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def _issue(
        self,
        public_key: ec.EllipticCurvePublicKey,
        common: str,
        names: list[x509.GeneralName],
        *,
        usage: x509.ObjectIdentifier,
        now: datetime,
        days: float,
    ) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(self.certificate.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATE)
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def serve_as(self, hosts: set[str], now: datetime) -> tuple[Path, Path]:
        """Issue the server's certificate, afresh at each start.

        Args:
            hosts: Names and addresses terminals may call the hub by.
            now: The time.

        Returns:
            Files of the certificate and its key: one, so that processes which share the folder never mix theirs.
        """
        key, certificate = self.certify_server(hosts, "Kiosk hub", now)
        file = self.folder / "server.pem"
        write_durably(file, certificate.public_bytes(serialization.Encoding.PEM) + _pem(key))
        (self.folder / "server.key").unlink(missing_ok=True)  # of a release from before
        return file, file

    def certify_server(
        self, hosts: set[str], common: str, now: datetime
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """Issue a certificate for a server, with its key: this hub, or a hall's own in front of it.

        Args:
            hosts: Names and addresses that terminals may call it by.
            common: Its name for people.
            now: The time.
        """
        names: list[x509.GeneralName] = []
        for host in sorted(hosts):
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
            except ValueError:
                names.append(x509.DNSName(host))
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(
            key.public_key(), common, names, usage=ExtendedKeyUsageOID.SERVER_AUTH, now=now, days=_SERVER_DAYS
        )
        return key, certificate

    def renew_server(
        self, present: x509.Certificate, public_key: ec.EllipticCurvePublicKey, now: datetime
    ) -> x509.Certificate:
        """Issue a server's next certificate, for the names that the present one has.

        Args:
            present: Its certificate, of this CA.
            public_key: The new one, from `public_key_of`.
            now: The time.

        Raises:
            BadRequest: It is none of this CA, or none of a server.
        """
        try:
            present.verify_directly_issued_by(self.certificate)
            usage = present.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            names = list(present.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
            common = str(present.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        except (InvalidSignature, ValueError, TypeError, IndexError, x509.ExtensionNotFound) as error:
            raise BadRequest("the present certificate is none of this hub") from error
        if ExtendedKeyUsageOID.SERVER_AUTH not in usage:
            raise BadRequest("the present certificate is none of a server")
        return self._issue(public_key, common, names, usage=ExtendedKeyUsageOID.SERVER_AUTH, now=now, days=_SERVER_DAYS)

    def certify(
        self,
        public_key: ec.EllipticCurvePublicKey,
        hall: str,
        terminal: str,
        now: datetime,
        days: float = TERMINAL_DAYS,
    ) -> Issued:
        """Issue a terminal's certificate: client authentication only.

        Args:
            public_key: The terminal's, from `public_key_of`.
            hall: Its hall.
            terminal: Its name.
            now: The time.
            days: How long it is good for; negative makes one that has expired.
        """
        certificate = self._issue(
            public_key,
            terminal,
            [x509.UniformResourceIdentifier(terminal_urn(hall, terminal))],
            usage=ExtendedKeyUsageOID.CLIENT_AUTH,
            now=now if days > 0 else now + timedelta(days=2 * days),
            days=abs(days),
        )
        return Issued(
            pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            expires=certificate.not_valid_after_utc,
        )

    def certify_person(
        self, hall: str, account: str, now: datetime, days: float
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        """Issue a staff certificate with its key, for a browser's store or a smart card.

        Args:
            hall: The person's; empty for all halls.
            account: Their id.
            now: The time.
            days: How long it is good for.

        Returns:
            The key, and the certificate.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(
            key.public_key(),
            account,
            [x509.UniformResourceIdentifier(f"urn:kiosk-person:{hall or '-'}:{account}")],
            usage=ExtendedKeyUsageOID.CLIENT_AUTH,
            now=now,
            days=days,
        )
        return key, certificate


def public_key_of(csr: str) -> ec.EllipticCurvePublicKey:
    """The key of a certificate request. All else in it is ignored: the code says who the terminal is.

    Args:
        csr: PEM.

    Raises:
        BadRequest: Unreadable, not P-256, or not signed with its own key.
    """
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        signed = request.is_signature_valid
    except Exception as error:  # whatever the parser finds wrong with a stranger's bytes
        raise BadRequest("the certificate request cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadRequest("the certificate request must carry a P-256 key")
    if not signed:
        raise BadRequest("the certificate request is not signed with its own key")
    return key
