"""What is in a release: CycloneDX 1.6 (ECMA-424), from what is installed and from the lock of the npm packages."""

import re
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import Distribution
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

_NO_LICENCE: Final = "unknown"


class _Lock(msgspec.Struct):
    packages: dict[str, "_Locked"] = msgspec.field(default_factory=dict)


class _Locked(msgspec.Struct):
    version: str = ""
    license: str = ""
    dev: bool = False


def canonical(name: str) -> str:
    """A distribution's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(found: Distribution) -> str:
    about = found.metadata
    if expression := about.get_all("License-Expression", []):
        return str(expression[0])
    classes = [one.rpartition("::")[2].strip() for one in about.get_all("Classifier", []) if one.startswith("License")]
    named = [one for one in classes if one != "OSI Approved"]
    first = "".join(about.get_all("License", [])).strip().splitlines()
    return named[0] if named else first[0][:80] if first else _NO_LICENCE


def _component(kind: str, name: str, version: str, licence: str) -> dict[str, object]:
    reference = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version,
        "purl": reference,
        "licenses": [{"license": {"name": licence}}],
    }


def sbom(version: str, made: datetime, distributions: Iterable[Distribution], npm_lock: Path) -> bytes:
    """The list, the same bytes for the same release.

    Args:
        version: of the release.
        made: date of its sources.
        distributions: Python packages in it.
        npm_lock: `package-lock.json`; fonts and scripts come from its packages.
    """
    listed = [_component("pypi", canonical(one.metadata["Name"]), one.version, _licence(one)) for one in distributions]
    if npm_lock.exists():
        lock = msgspec.json.decode(npm_lock.read_bytes(), type=_Lock)
        listed += [
            _component("npm", place.rpartition("node_modules/")[2], one.version, one.license or _NO_LICENCE)
            for place, one in lock.packages.items()
            if place and not one.dev
        ]
    listed.sort(key=lambda one: str(one["bom-ref"]))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'hall-kiosk@{version}/{made.isoformat()}')}",
        "version": 1,
        "metadata": {
            "timestamp": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": "hall-kiosk", "name": "hall-kiosk", "version": version},
        },
        "components": listed,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
