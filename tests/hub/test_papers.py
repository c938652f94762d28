import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kiosk.wire import routes
from kiosk.wire.events import CHUNK_BYTES, MAX_PAPER_BYTES

Running = Any
Sender = Any


def name_of(paper: bytes) -> str:
    return hashlib.sha256(paper).hexdigest()


def progress(terminal: Sender, name: str) -> tuple[int, str]:
    response = terminal.http.head(f"{routes.PAPERS}/{name}")
    assert response.status_code == 204
    return int(response.headers[routes.OFFSET_HEADER]), response.headers[routes.COMPLETE_HEADER]


def test_in_chunks_resumed_where_the_hub_says(running: Running, terminal: Sender) -> None:
    paper = os.urandom(2 * CHUNK_BYTES + 77)
    name = name_of(paper)
    assert progress(terminal, name) == (0, "?0")
    assert terminal.put(name, 0, len(paper), paper[:1000]).status_code == 204
    assert progress(terminal, name) == (1000, "?0")
    wrong = terminal.put(name, 500, len(paper), paper[500:1500])
    assert (wrong.status_code, wrong.headers[routes.OFFSET_HEADER]) == (409, "1000")
    assert terminal.put(name, 5000, len(paper), b"x").status_code == 409
    offset = 1000
    while offset < len(paper):
        chunk = paper[offset : offset + CHUNK_BYTES]
        response = terminal.put(name, offset, len(paper), chunk)
        assert response.status_code == 204
        offset += len(chunk)
        assert response.headers[routes.OFFSET_HEADER] == str(offset)
    assert progress(terminal, name) == (len(paper), "?1")
    assert running.hub.papers.open(name) == paper
    assert terminal.put(name, 0, len(paper), paper[:10]).headers[routes.COMPLETE_HEADER] == "?1"


def test_wrong_bytes_are_deleted_and_may_be_sent_again(running: Running, terminal: Sender) -> None:
    paper = os.urandom(3000)
    name = name_of(paper)
    terminal.put(name, 0, len(paper), bytes(1000))
    refused = terminal.put(name, 1000, len(paper), paper[1000:])
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:kiosk:problem:wrong-digest")
    assert progress(terminal, name) == (0, "?0")
    assert running.hub.papers.size(name) is None
    assert terminal.put(name, 0, len(paper), paper).status_code == 204
    assert progress(terminal, name) == (3000, "?1")


def test_one_terminal_cannot_spoil_anothers_upload(running: Running) -> None:
    one, two = running.terminal(), running.terminal()
    paper = os.urandom(2000)
    name = name_of(paper)
    two.put(name, 0, len(paper), bytes(500))
    assert progress(one, name) == (0, "?0")
    assert one.put(name, 0, len(paper), paper).status_code == 204
    assert progress(two, name) == (2000, "?1")


def test_limits(terminal: Sender) -> None:
    paper = os.urandom(10)
    name = name_of(paper)
    assert terminal.put(name, 0, MAX_PAPER_BYTES + 1, paper).status_code == 413
    assert terminal.put(name, 0, 5, paper).status_code == 413
    assert terminal.put(name, 0, CHUNK_BYTES + 1, bytes(CHUNK_BYTES + 1)).status_code == 413
    assert terminal.put(name, 0, 10, b"").status_code == 400
    bad_range = terminal.http.put(f"{routes.PAPERS}/{name}", content=b"x", headers={"Content-Range": "bytes */7"})
    assert bad_range.status_code == 400
    assert terminal.put("..%2f..%2fca%2fca.key", 0, 1, b"x").status_code in {404, 422}
    assert terminal.put("A" * 64, 0, 1, b"x").status_code == 422


def test_the_same_chunk_twice_at_once_is_added_once(running: Running, terminal: Sender) -> None:
    paper = os.urandom(200_000)
    name = name_of(paper)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: terminal.put(name, 0, len(paper), paper[:100_000]).status_code, range(8)))
    assert sorted(set(answers)) in ([204, 409], [204])
    assert answers.count(204) == 1
    assert terminal.put(name, 100_000, len(paper), paper[100_000:]).status_code == 204
    assert running.hub.papers.open(name) == paper
