"""Certificates: the published vectors of EU DCC and SMART Health Cards against what they expect, and against `cwt`."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cwt import COSE, COSEKey, CWTError

from benchmarks import certificates_dgc, certificates_shc
from benchmarks.certificates_dgc import Vector
from kiosk.certificates import dcc
from kiosk.certificates.answers import Refused
from kiosk.certificates.trust import dcc_key

MAX_TIMED = 200


def measure(folder: Path) -> dict[str, object]:
    """Walk a folder with `dgc` and `shc`.

    Args:
        folder: as `certificates` of the shared data.

    Returns:
        For each what agrees, every disagreement with its reason, and the same signatures checked by `cwt`.
    """
    report: dict[str, object] = {}
    if (folder / "dgc").is_dir():
        found, others = certificates_dgc.vectors(folder / "dgc")
        report["dgc"] = {
            "vectors": len(found),
            "no_vectors": others,
            **certificates_dgc.agreement(found),
            "front_door": certificates_dgc.front_door(found),
            "cwt": compared(found),
        }
    if (folder / "shc").is_dir():
        report["shc"] = certificates_shc.agreement(folder / "shc")
    return report or {"error": "neither dgc nor shc in that folder"}


def compared(found: list[Vector]) -> dict[str, object]:
    """The signature check of ours and of `cwt`, on the same vectors with the same one key under its key identifier."""
    agree = {"ours": 0, "cwt": 0}
    missed: dict[str, list[str]] = {"ours": [], "cwt": []}
    spent: dict[str, list[float]] = {"ours": [], "cwt": []}
    total = 0
    for vector in found:
        expected = vector.fields.get("EXPECTEDRESULTS")
        if not isinstance(expected, dict) or not isinstance(expected.get("EXPECTEDVERIFY"), bool):
            continue
        try:
            token = vector.cose()
        except Refused:
            continue
        total += 1
        for name, check in (("ours", _ours), ("cwt", _cwt)):
            good, seconds = check(vector, token)
            if good is expected["EXPECTEDVERIFY"]:
                agree[name] += 1
            else:
                missed[name].append(vector.name)
            if good and len(spent[name]) < MAX_TIMED:
                spent[name].append(seconds * 1000)
    return {
        "signatures": total,
        "agree": agree,
        "missed": missed,
        "median_ms": {name: round(statistics.median(times), 3) for name, times in spent.items() if times},
    }


def _timed(work: Callable[[], object], *errors: type[Exception]) -> tuple[bool, float]:
    started = time.perf_counter()
    try:
        work()
    except errors:
        return False, time.perf_counter() - started
    return True, time.perf_counter() - started


def _ours(vector: Vector, token: bytes) -> tuple[bool, float]:
    return _timed(lambda: dcc.verified(dcc.token(token), vector.trust, vector.clock), Refused)


def _cwt(vector: Vector, token: bytes) -> tuple[bool, float]:
    """`cwt` with the key made beforehand, as ours has it; a double tag and odd types end in errors of any kind."""
    entry = dcc_key(vector.certificate, "XX")
    try:
        key = x509.load_der_x509_certificate(vector.certificate).public_key()
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        algorithm = "PS256" if isinstance(key, rsa.RSAPublicKey) else "ES256"
        made = COSEKey.from_pem(pem, kid=bytes.fromhex(entry.kid), alg=algorithm)
    except (CWTError, ValueError, TypeError):
        return False, 0.0
    errors = (CWTError, ValueError, TypeError, KeyError, AttributeError, IndexError, cbor2.CBORError)
    return _timed(lambda: COSE.new().decode(token, made), *errors)
