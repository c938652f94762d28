"""schemathesis over the whole description of the terminal port: good and bad requests; no answer may be a 5xx.

503 with `Retry-After` and 507 are answers on purpose (a gateway that is away, a full disk) and are counted apart.
"""

import json
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.core.control import SkipTest
from schemathesis.core.result import Ok
from schemathesis.transport.serialization import serialize_binary

from hub.api.described import OPENAPI
from kiosk.wire import VERSION, routes

_ON_PURPOSE = frozenset({503, 507})
_SECONDS = 30


@schemathesis.serializer("application/pdf", "application/gzip")
def _as_bytes(_context: object, value: Any) -> bytes:
    """A file as it is; schemathesis itself knows none of these types."""
    return serialize_binary(value)


def fuzz(
    url: str,
    ca: Path,
    certificate: Path,
    key: Path,
    description: dict[str, Any],
    *,
    examples: int,
    seed: int,
    within: float,
) -> dict[str, Any]:
    """Send what the description allows, and what it does not.

    Args:
        url: The terminal port.
        ca: Whom to trust.
        certificate: The terminal's.
        key: Its key.
        description: OpenAPI.
        examples: Of each operation and kind (good, bad).
        seed: Of them all.
        within: After so many seconds each of the remaining operations gets one example of its kind.

    Returns:
        How many requests, of how many operations, answers by status, and each answer that is a server error.
    """
    session = requests.Session()
    session.trust_env = False
    statuses: Counter[int] = Counter()
    errors: list[str] = []
    asked: Counter[str] = Counter()
    end = time.monotonic() + within
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        config = SchemathesisConfig(projects=None)
        config.projects.default.generation = GenerationConfig(modes=[mode])
        schema = schemathesis.openapi.from_dict(description, config=config)
        for found in schema.get_all_operations():
            if not isinstance(found, Ok):
                continue
            operation = found.ok()
            most = examples if time.monotonic() < end else 1
            with suppress(SkipTest):  # a call without parameters and body cannot be wrong
                _one(operation, mode, url, session, ca, (str(certificate), str(key)), most, seed, statuses, errors)
                asked[operation.label] += 1
    session.close()
    return {
        "requests": sum(statuses.values()),
        "operations": len(asked),
        "by_status": {str(status): count for status, count in sorted(statuses.items())},
        "server_errors": errors[:20],
    }


def _one(
    operation: Any,
    mode: GenerationMode,
    url: str,
    session: requests.Session,
    ca: Path,
    pair: tuple[str, str],
    examples: int,
    seeded: int,
    statuses: Counter[int],
    errors: list[str],
) -> None:
    """One operation."""

    @seed(seeded)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        headers = (
            {} if mode is GenerationMode.NEGATIVE and statuses.total() % 3 == 0 else {routes.WIRE_HEADER: str(VERSION)}
        )
        case.headers = {**(case.headers or {}), **headers}
        case.query = {name: value for name, value in (case.query or {}).items() if name != "wait"}
        answer = case.call(base_url=url, session=session, timeout=_SECONDS, verify=str(ca), cert=pair)
        statuses[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code not in _ON_PURPOSE:
            errors.append(f"{case.method} {case.path}: {answer.status_code}")

    ask()


def main() -> None:
    """`python -m benchmarks.hub_fuzz URL CA CERTIFICATE KEY EXAMPLES SEED SECONDS`: prints JSON; exit code 1 on 5xx."""
    url, ca, certificate, key, examples, seeded, within = sys.argv[1:8]
    files = Path(ca), Path(certificate), Path(key)
    answer = requests.get(url + OPENAPI, verify=ca, cert=(certificate, key), timeout=_SECONDS)
    found = fuzz(url, *files, answer.json(), examples=int(examples), seed=int(seeded), within=float(within))
    print(json.dumps(found))
    sys.exit(bool(found["server_errors"]))


if __name__ == "__main__":
    main()
