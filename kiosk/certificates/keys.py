"""Keys and signatures: which algorithm a key can serve, whether a signature is good, what a certificate allows."""

from collections.abc import Callable, Iterator
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reason, Refused

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

ES256, PS256 = "ES256", "PS256"
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 8192
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "ES256": hashes.SHA256,
    "ES384": hashes.SHA384,
    "ES512": hashes.SHA512,
}

_EXTENDED_KEY_USAGE: Final = bytes.fromhex("0603551d25")
"""Object identifier 2.5.29.37 in DER, with its head."""


class KeyProblem(ValueError):
    """A key or certificate that cannot be used."""


def public_key(*, certificate: bytes = b"", spki: bytes = b"") -> PublicKey:
    """The key in a certificate (DER) or by itself (SubjectPublicKeyInfo, DER).

    Raises:
        KeyProblem: Neither, damaged, or of a kind or size that is not used for certificates.
    """
    try:
        key = x509.load_der_x509_certificate(certificate).public_key() if certificate else load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise KeyProblem("damaged, or of an unknown kind") from error
    if isinstance(key, rsa.RSAPublicKey) and LEAST_RSA_BITS <= key.key_size <= MOST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    raise KeyProblem("neither RSA of 2048 to 8192 bits nor a NIST curve")


def check_signature(key: PublicKey, algorithm: str, message: bytes, signature: bytes) -> None:
    """Check a signature of the JOSE and COSE kind: r and s side by side, RSASSA-PSS with a salt of the hash's length.

    Args:
        key: of that key only.
        algorithm: `ES256`, `ES384`, `ES512` or `PS256`. The hash is fixed by it, the curve is not (RFC 9053).
        message: what was signed.
        signature: as it came.

    Raises:
        Refused: UNSUPPORTED, KEY_NOT_FOR_THIS where key and algorithm do not go together, or BAD_SIGNATURE.
    """
    if algorithm != PS256 and algorithm not in _HASHES:
        raise Refused(Answer.UNSUPPORTED, Reason.ALGORITHM, "another algorithm")
    if isinstance(key, rsa.RSAPublicKey):
        if algorithm != PS256:
            raise Refused(Answer.KEY_NOT_FOR_THIS, Reason.ALGORITHM, f"{algorithm} with an RSA key")
        _check_rsa(key, message, signature)
        return
    if algorithm == PS256:
        raise Refused(Answer.KEY_NOT_FOR_THIS, Reason.ALGORITHM, "PS256 with an elliptic curve key")
    _check_ec(key, _HASHES[algorithm](), message, signature)


def _check_rsa(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> None:
    if len(signature) != (key.key_size + 7) // 8:
        raise Refused(Answer.BAD_SIGNATURE, Reason.SIGNATURE_FORM, f"{len(signature)} bytes")
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    try:
        key.verify(signature, message, pss, hashes.SHA256())
    except InvalidSignature as error:
        raise Refused(Answer.BAD_SIGNATURE, Reason.SIGNATURE_WRONG) from error


def _check_ec(key: ec.EllipticCurvePublicKey, digest: hashes.HashAlgorithm, message: bytes, signature: bytes) -> None:
    half = (key.key_size + 7) // 8
    if len(signature) != 2 * half:
        raise Refused(Answer.BAD_SIGNATURE, Reason.SIGNATURE_FORM, f"{len(signature)} bytes")
    r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(digest))
    except InvalidSignature as error:
        raise Refused(Answer.BAD_SIGNATURE, Reason.SIGNATURE_WRONG) from error


def extended_usages(certificate: bytes) -> frozenset[str] | None:
    """The extended key usages of a certificate, as dotted object identifiers; empty where it names none.

    Read by a small DER walk where the strict parser gives up: real signers' certificates have harmless faults in other
    extensions (measured: 10 Finnish ones write a default value, one has an empty list).

    Returns:
        None where the certificate cannot be read.
    """
    try:
        found = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        return frozenset(usage.dotted_string for usage in found.value)
    except x509.ExtensionNotFound:
        return frozenset()
    except (ValueError, TypeError, x509.InvalidVersion):
        return _walked_usages(certificate)


def _walked_usages(certificate: bytes) -> frozenset[str] | None:
    try:
        to_be_signed = next(_elements(next(_elements(certificate))[1]))[1]
        blocks = [value for tag, value in _elements(to_be_signed) if tag == 0xA3]
        if not blocks:
            return frozenset()
        for _, extension in _elements(next(_elements(blocks[0]))[1]):
            if not extension.startswith(_EXTENDED_KEY_USAGE):
                continue
            value = list(_elements(extension))[-1][1]  # after the identifier and, perhaps, `critical`
            return frozenset(_dotted(usage) for _, usage in _elements(next(_elements(value))[1]))
    except (IndexError, StopIteration, ValueError):
        return None
    return frozenset()


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The tags and contents of DER elements that stand side by side."""
    return iter(_split(data))


def _split(data: bytes) -> list[tuple[int, bytes]]:
    elements, at = [], 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length that DER has not")
            length = int.from_bytes(data[at : at + count])
            at += count
        if at + length > len(data):
            raise ValueError("cut short")
        elements.append((tag, data[at : at + length]))
        at += length
    return elements


def _dotted(encoded: bytes) -> str:
    numbers, value = [], 0
    for byte in encoded:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(number) for number in (first, numbers[0] - 40 * first, *numbers[1:]))
