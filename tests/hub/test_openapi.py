"""The API's description: every route, examples that are true, and nothing of what it describes breaks the hub."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.api import described
from hub.api.described import OPENAPI
from hub.api.examples import EXAMPLES
from kiosk.wire import routes

SEEDS, SECONDS = 6, 40
"""Of each operation and kind here, and from when on one each is enough: `benchmarks.hub_fuzz.fuzz` does as told."""


@pytest.fixture(scope="module")
def description(running: Any) -> dict[str, Any]:
    made: dict[str, Any] = running.terminal().http.get(OPENAPI).json()
    return made


def test_every_route_is_described_with_its_problems(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    paths = description["paths"]
    for path in (routes.EVENTS, routes.HEALTH, routes.ENROL, routes.ORDERS, routes.OFFICE_MINE, routes.HELP):
        assert path in paths
    for path, methods in paths.items():
        assert path.startswith("/api/v1/")
        for method, operation in methods.items():
            assert operation["summary"] or operation["description"], (method, path)
            assert "4XX" in operation["responses"], (method, path)
    # What a route takes and gives is named by an existing component.
    text = msgspec.json.encode(description).decode()
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named <= description["components"]["schemas"].keys()
    assert named >= {"Envelope", "Passage", "Health", "Answer", "ProblemShown"}


def test_what_is_described_exists_and_examples_decode(description: dict[str, Any]) -> None:
    for table in (described._BODIES, described._ANSWERS, described._BINARY, described._QUERIES):
        for method, path in table:
            assert method in description["paths"][path], (method, path)
    for kind, example in EXAMPLES.items():
        encoded = msgspec.json.encode(example)
        assert msgspec.json.decode(encoded, type=kind) == example


def test_all_json_has_an_example_and_what_is_sent_as_it_stands_is_understood(
    running: Any, description: dict[str, Any]
) -> None:
    terminal = running.terminal("desk")
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            assert "example" in answer or (method, path) not in described._ANSWERS, (method, path)
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            target = path.replace("{number}", "1").replace("{call}", "01a20391-4902-722a-bff8-42c7c300e35e")
            said = terminal.http.request(method, target, json=body["example"])
            assert said.status_code < 500, (method, path, said.text)
            if said.is_error:  # refused for what it says, not for how
                assert said.json()["type"].rpartition(":")[2] != "invalid", (method, path, said.text)
    tag = terminal.http.get(OPENAPI).headers["etag"]
    assert terminal.http.get(OPENAPI, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_request_that_fits_the_description_is_answered_with_5xx(
    running: Any, root: Path, description: dict[str, Any]
) -> None:
    pytest.importorskip("schemathesis")
    terminal = running.terminal()
    files = (running.data.ca / "ca.pem", terminal.folder / "certificate.pem", terminal.folder / "key.pem")
    much = (str(SEEDS), "1", str(SECONDS))
    command = [sys.executable, "-m", "benchmarks.hub_fuzz", running.at.terminals, *map(str, files), *much]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert (found["server_errors"], done.returncode) == ([], 0)
    operations = sum(len(methods) for methods in description["paths"].values())
    assert found["operations"] == operations
    assert found["requests"] >= operations
    assert terminal.http.get(routes.TIME).status_code == 200
