"""As much of S3 as papers need: put, get, head and delete, over one HTTP client, signed with AWS Signature Version 4.

Works with every server that speaks it (path-style addresses). Signing is a pure function, tested against botocore's.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from kiosk.clock import Clock

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_SECONDS: Final = 20.0


class ObjectsAway(OSError):
    """The object store does not answer, or is out of order: the same may succeed later."""


class ObjectsRefuse(Exception):
    """The object store says no: keys, bucket or rights are wrong. Says which answer."""


@dataclass(frozen=True)
class Bucket:
    """Where objects are, and with what one gets at them.

    Attributes:
        endpoint: `https://HOST[:PORT]`.
        prefix: Of every name; ends with `/` unless empty.
    """

    endpoint: str
    name: str
    region: str
    access_key: str
    secret_key: str
    prefix: str = ""


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(
    bucket: Bucket, method: str, path: str, headers: dict[str, str], payload_sha256: str, now: datetime
) -> dict[str, str]:
    """Sign a request without query.

    Args:
        bucket: Region and keys.
        method: As sent.
        path: Quoted, as sent.
        headers: All that are to be signed, `host` among them.
        payload_sha256: Hexadecimal, of the body.
        now: UTC.

    Returns:
        The headers with the date, the digest and the signature.
    """
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    signed |= {"x-amz-date": stamp, "x-amz-content-sha256": payload_sha256}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{payload_sha256}"
    scope = f"{day}/{bucket.region}/s3/aws4_request"
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{bucket.secret_key}".encode()
    for part in (day, bucket.region, "s3", "aws4_request"):
        key = _hmac(key, part)
    signature = _hmac(key, to_sign).hex()
    credential = f"{bucket.access_key}/{scope}"
    signed["authorization"] = f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return signed


class ObjectStore:
    """The objects of one bucket. Blocking; called from threads.

    Args:
        bucket: Which.
        clock: For the signatures' dates.
    """

    def __init__(self, bucket: Bucket, clock: Clock) -> None:
        self._bucket = bucket
        self._clock = clock
        self._host = urlsplit(bucket.endpoint).netloc
        limits = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=20)
        self._http = httpx.Client(base_url=bucket.endpoint, timeout=_SECONDS, trust_env=False, limits=limits)

    def _ask(self, method: str, name: str, body: bytes = b"", headers: dict[str, str] | None = None) -> httpx.Response:
        path = "/" + quote(f"{self._bucket.name}/{self._bucket.prefix}{name}", safe="/-_.~")
        digest = hashlib.sha256(body).hexdigest()
        signed = sign(self._bucket, method, path, {"host": self._host, **(headers or {})}, digest, self._clock.now())
        try:
            answer = self._http.request(method, path, content=body, headers=signed)
        except (httpx.HTTPError, OSError) as error:
            raise ObjectsAway(f"{type(error).__name__} at {self._host}") from error
        if answer.status_code >= 500 or answer.status_code in {408, 429}:
            raise ObjectsAway(f"HTTP {answer.status_code} from {self._host}")
        if answer.is_success or answer.status_code in {404, 412}:
            return answer
        raise ObjectsRefuse(f"{method}: HTTP {answer.status_code} from {self._host}: keys, bucket or rights are wrong")

    def size(self, name: str) -> int | None:
        """Bytes of an object; None where there is none.

        Raises:
            ObjectsAway: It cannot be told now.
            ObjectsRefuse: It may not be told.
        """
        answer = self._ask("HEAD", name)
        return None if answer.status_code == 404 else int(answer.headers.get("content-length", "0"))

    def read(self, name: str) -> bytes:
        """An object's bytes.

        Raises:
            FileNotFoundError: There is none.
            ObjectsAway: It cannot be read now.
            ObjectsRefuse: It may not be read.
        """
        answer = self._ask("GET", name)
        if answer.status_code == 404:
            raise FileNotFoundError(name)
        return answer.content

    def put(self, name: str, content: bytes) -> None:
        """Store an object unless it is there; it is durable when this returns.

        Raises:
            ObjectsAway: It is not known to be stored.
            ObjectsRefuse: It may not be stored.
        """
        answer = self._ask("PUT", name, content, {"if-none-match": "*"})
        if answer.status_code == 404:
            raise ObjectsRefuse(f"there is no bucket {self._bucket.name} at {self._host}")

    def delete(self, name: str) -> None:
        """Remove an object; one that is not there is removed.

        Raises:
            ObjectsAway: It is not known to be gone.
            ObjectsRefuse: It may not be removed.
        """
        self._ask("DELETE", name)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
