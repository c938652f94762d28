"""Asks a health-code gateway over HTTPS. A token and its answer are kept nowhere and logged nowhere.

Whoever waits at the gate waits for `seconds` twice at the most. After five failures in a row the service is asked once
in ten seconds only: until then the answer is `circuit_open` at once, and staff go on by other means.
"""

import ssl
import stat
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import anyio
import httpx

from kiosk.config import HealthService
from kiosk.health_codes import HealthAnswer, ServiceAway
from kiosk.link.health_dialects import DIALECTS, BadAnswer, GatewayRefuses
from kiosk.log import logger

_log = logger("health_service")

ATTEMPTS: Final = 2
FAILURES: Final = 5
"""So many in a row open the circuit."""
OPEN_SECONDS: Final = 10.0
MAX_ANSWER_BYTES: Final = 64 * 1024
_FINAL: Final = frozenset({"refused", "tls"})
"""Asking once more would not change it."""


class Circuit:
    """Spares a service that does not answer, and the people who would wait for it.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = anyio.current_time) -> None:
        self._clock = clock
        self._failures = 0
        self._again_at = 0.0

    @property
    def closed(self) -> bool:
        """Whether the service answers, as far as is known."""
        return self._failures < FAILURES

    def may_ask(self) -> bool:
        """Whether to ask now. While the circuit is open, one question in `OPEN_SECONDS` finds out if it is back."""
        if self.closed:
            return True
        if self._clock() < self._again_at:
            return False
        self._again_at = self._clock() + OPEN_SECONDS
        return True

    def worked(self) -> None:
        """An answer came."""
        self._failures = 0

    def failed(self) -> None:
        """None came."""
        self._failures += 1
        if not self.closed:
            self._again_at = self._clock() + OPEN_SECONDS


def _secret_of(file: Path) -> str:
    """The secret that the gateway's operator gave.

    Raises:
        ServiceAway: the file cannot be read, is empty, or others than its owner can read it.
    """
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise ServiceAway("no_secret", f"{file.name} can be read by others: chmod 600")
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ServiceAway("no_secret", f"{file.name} cannot be read ({type(error).__name__})") from error
    if not secret:
        raise ServiceAway("no_secret", f"{file.name} is empty")
    return secret


class HealthCodeClient:
    """A gateway as the site file names it; one pool of connections.

    Args:
        settings: `[gate.health_service]` of the site file.
        folder: of the site file, which its paths are relative to.
    """

    def __init__(self, settings: HealthService, folder: Path) -> None:
        self._settings = settings
        self._dialect = DIALECTS[settings.kind]
        self._secret_file = folder / settings.secret_file
        self._secret = ""
        self._circuit = Circuit()
        self._code = ""
        self._good = self._errors = 0
        self._http: httpx.AsyncClient | None = None
        try:
            verify = _tls(folder, settings)
        except OSError:
            self._note("tls", f"{settings.ca_file} holds no certificates")
            return
        self._http = httpx.AsyncClient(
            verify=verify,
            timeout=settings.seconds,
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=30),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def name(self) -> str:
        """As it stands in the evidence."""
        return self._settings.kind

    @property
    def code(self) -> str:
        """Why the last question had no answer; empty when it had one, or none was asked."""
        return self._code

    @property
    def counts(self) -> tuple[int, int]:
        """Questions answered and not answered since the start."""
        return self._good, self._errors

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def ask(self, token: str, now: datetime) -> HealthAnswer:
        """Ask for one token; the same one is asked for anew each time.

        Raises:
            ServiceAway: there is no answer that can be used.
        """
        away = ServiceAway("circuit_open")
        for _ in range(ATTEMPTS):
            if not self._circuit.may_ask():
                break
            try:
                answer = await self._once(token, now)
            except ServiceAway as error:
                away = error
                self._circuit.failed()
                if away.code in _FINAL:
                    break
                continue
            self._note("")
            return answer
        self._note(away.code, str(away))
        raise away

    def _note(self, code: str, why: str = "") -> None:
        """Count it; log a change once."""
        if not code:
            self._circuit.worked()
            self._good += 1
            if self._code:
                _log.info("the health service answers again")
        else:
            self._errors += 1
            if not self._code:
                _log.warning("the health service gives no answer", code=code, why=why)
            if code == "circuit_open" and self._code:
                return  # what opened it says more
        self._code = code

    async def _once(self, token: str, now: datetime) -> HealthAnswer:
        if self._http is None:
            raise ServiceAway("tls", "gate.health_service.ca_file cannot be used")
        if not self._secret:
            self._secret = _secret_of(self._secret_file)
        asked = self._dialect.request(token, self._settings.app_id, self._secret, now)
        headers = {"Content-Type": asked.content_type, "Accept": "application/json", "Accept-Encoding": "identity"}
        received = bytearray()
        try:
            with anyio.fail_after(self._settings.seconds):
                async with self._http.stream(
                    "POST", self._settings.url, content=asked.body, headers=headers
                ) as response:
                    if response.status_code != 200:
                        refused = response.status_code in {401, 403}
                        raise ServiceAway("refused" if refused else f"http_{response.status_code}")
                    # As it comes: an answer that unpacks has no bound.
                    async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw())) as pieces:
                        async for piece in pieces:
                            received += piece
                            if len(received) > MAX_ANSWER_BYTES:
                                raise ServiceAway("bad_answer", f"more than {MAX_ANSWER_BYTES} bytes")
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ServiceAway("timeout", f"{self._settings.seconds} s") from error
        except (httpx.HTTPError, OSError) as error:
            code = "tls" if _is_tls(error) else "unreachable"
            raise ServiceAway(code, type(error).__name__) from error
        try:
            return self._dialect.answer(bytes(received))
        except BadAnswer as error:
            raise ServiceAway("bad_answer", str(error)) from error
        except GatewayRefuses as error:
            raise ServiceAway("refused", str(error)) from error


def _tls(folder: Path, settings: HealthService) -> ssl.SSLContext:
    """The system's authorities, or only those of the hall's own network."""
    cafile = str(folder / settings.ca_file) if settings.ca_file is not None else None
    context = ssl.create_default_context(cafile=cafile)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _is_tls(error: BaseException | None) -> bool:
    """Whether the certificate or the handshake was the cause."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
