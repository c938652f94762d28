"""Papers in S3: the signature against botocore's, a real server at the wire, an hour without it."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from hub.data import DataFolder
from hub.store.objects import BadStorage, RemotePapers, load, open_papers
from hub.store.papers import Papers
from hub.store.s3 import Bucket, ObjectsAway, ObjectsRefuse, ObjectStore, sign
from kiosk.clock import WallClock

NOW = datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC)


class Server(BaseHTTPRequestHandler):
    """As much of an S3 as papers meet; it checks every signature."""

    objects: ClassVar[dict[str, bytes]] = {}
    away = False
    secret = "hall-secret"
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if Server.away:
            self.reply(503)
            return
        given = self.headers["authorization"]
        names = given.split("SignedHeaders=")[1].split(",")[0].split(";")
        headers = {name: self.headers[name] for name in names if not name.startswith("x-amz-")}
        stamp = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        mine = Bucket(endpoint="", name="", region="cn-north-1", access_key="hall", secret_key=Server.secret)
        digest = hashlib.sha256(body).hexdigest()
        if sign(mine, self.command, self.path, headers, digest, stamp)["authorization"] != given:
            self.reply(403)
        elif not self.path.startswith("/papers/"):
            self.reply(404)
        elif self.command == "PUT":
            there = self.path in Server.objects
            Server.objects.setdefault(self.path, body)
            self.reply(412 if there else 200)
        elif self.command == "DELETE":
            Server.objects.pop(self.path, None)
            self.reply(204)
        elif self.path in Server.objects:
            self.reply(200, Server.objects[self.path])
        else:
            self.reply(404)

    def reply(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_PUT = do_GET = do_HEAD = do_DELETE = answer  # noqa: N815  as the server calls them

    def log_message(self, *_given: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Server.objects.clear()
    Server.away = False
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


def bucket(endpoint: str, **changes: str) -> Bucket:
    given = {
        "name": "papers",
        "region": "cn-north-1",
        "access_key": "hall",
        "secret_key": "hall-secret",
        "prefix": "x/",
    }
    return Bucket(endpoint=endpoint, **{**given, **changes})


@pytest.fixture
def papers(server: str, tmp_path: Path) -> Iterator[RemotePapers]:
    objects = ObjectStore(bucket(server), WallClock())
    yield RemotePapers(tmp_path / "papers", objects)
    objects.close()


def test_the_signature_is_botocores() -> None:
    auth = pytest.importorskip("botocore.auth")
    request_of = pytest.importorskip("botocore.awsrequest").AWSRequest
    keys = pytest.importorskip("botocore.credentials").Credentials("hall", "hall-secret")

    body = "纸".encode()
    digest = hashlib.sha256(body).hexdigest()
    where = bucket("https://objects.example:9000")
    path = "/papers/x/ab/%E7%BA%B8"
    headers = {"host": "objects.example:9000", "if-none-match": "*"}
    signed = sign(where, "PUT", path, headers, digest, NOW)
    signer = auth.S3SigV4Auth(keys, "s3", "cn-north-1")
    theirs = request_of("PUT", where.endpoint + path, headers=dict(headers), data=body)
    theirs.context["timestamp"] = "20261122T040506Z"
    theirs.headers["X-Amz-Date"] = "20261122T040506Z"
    theirs.headers["X-Amz-Content-SHA256"] = digest
    canonical = signer.canonical_request(theirs)
    expected = signer.signature(signer.string_to_sign(theirs, canonical), theirs)
    assert signed["authorization"].endswith(f"Signature={expected}")


def test_a_paper_becomes_an_object_and_is_acknowledged_only_then(papers: RemotePapers) -> None:
    paper = bytes(range(256)) * 40
    name = hashlib.sha256(paper).hexdigest()
    assert papers.add("hall/desk", name, 0, len(paper), paper[:5000]).received == 5000
    assert Server.objects == {}
    assert papers.add("hall/desk", name, 5000, len(paper), paper[5000:]).complete
    assert Server.objects == {f"/papers/x/{name[:2]}/{name}": paper}
    assert (papers.size(name), papers.open(name)) == (len(paper), paper)
    assert papers.arrived("hall/desk", name).complete
    assert papers.add("hall/other", name, 0, len(paper), paper).complete  # the same from elsewhere changes nothing
    with pytest.raises(FileNotFoundError):
        papers.open("0" * 64)


def test_an_hour_without_s3_loses_nothing(papers: RemotePapers, server: str) -> None:
    paper = b"paper" * 1000
    name = hashlib.sha256(paper).hexdigest()
    papers.add("hall/desk", name, 0, len(paper), paper[:4000])
    Server.away = True
    with pytest.raises(ObjectsAway):
        papers.add("hall/desk", name, 4000, len(paper), paper[4000:])
    assert papers.known_size(name) is None  # the submission waits: "later", never "refused"
    papers.look_up([name])
    assert papers.arrived("hall/desk", name) == type(papers.arrived("hall/desk", name))(len(paper), complete=False)
    Server.away = False
    # As the terminal does: the hub has all and does not say that it is whole, so the last byte is sent again.
    assert papers.add("hall/desk", name, len(paper) - 1, len(paper), paper[-1:]).complete
    fresh = RemotePapers(Path(papers._folder), ObjectStore(bucket(server), WallClock()))
    fresh.look_up([name])
    assert fresh.known_size(name) == len(paper)
    fresh._objects.close()


def test_what_nobody_names_goes_also_after_an_hour_without_s3(papers: RemotePapers, server: str) -> None:
    kept, gone, again = (bytes([number]) * 3000 for number in (1, 2, 3))
    names = [hashlib.sha256(each).hexdigest() for each in (kept, gone, again)]
    for name, paper in zip(names, (kept, gone, again), strict=True):
        papers.add("hall/desk", name, 0, len(paper), paper)
    Server.away = True
    papers.forget(names[1:])
    assert len(Server.objects) == 3
    Server.away = False
    # The same is handed in again before the store is back: it stays.
    papers._sizes.clear()
    Server.objects.pop(f"/papers/x/{names[2][:2]}/{names[2]}")
    assert papers.add("hall/desk", names[2], 0, len(again), again).complete
    objects = ObjectStore(bucket(server), WallClock())
    fresh = RemotePapers(Path(papers._folder), objects)  # after a restart
    fresh.forget([])
    assert sorted(Server.objects) == sorted(f"/papers/x/{name[:2]}/{name}" for name in (names[0], names[2]))
    assert (papers.size(names[0]), fresh.size(names[1])) == (3000, None)
    assert list((papers._folder / "forgetting").iterdir()) == []
    fresh.forget([names[0], "0" * 64])  # what is gone already is no error
    assert len(Server.objects) == 1
    objects.close()


def test_wrong_keys_and_a_wrong_bucket_are_said(server: str) -> None:
    for wrong, kind in (
        (bucket(server, secret_key="other"), ObjectsRefuse),
        (bucket(server, name="nobodys"), ObjectsRefuse),
        (bucket("http://127.0.0.1:9"), ObjectsAway),
    ):
        objects = ObjectStore(wrong, WallClock())
        with pytest.raises(kind):
            objects.put("ab/x", b"content")
        objects.close()


def test_storage_toml(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    assert type(open_papers(data)) is Papers
    (data.keys / "s3.secret").write_text("hall-secret\n")
    file = data.path / "storage.toml"
    text = 'papers = "s3://papers/hall"\nendpoint = "http://127.0.0.1:9"\naccess_key = "hall"\n'
    text += 'secret_file = "keys/s3.secret"\n'
    file.write_text(text)
    found = load(file)
    assert found is not None
    assert (found.name, found.prefix, found.secret_key) == ("papers", "hall/", "hall-secret")
    for wrong in (
        text.replace("s3://papers/hall", "ftp://x"),
        text.replace("keys/s3.secret", "keys/none"),
        text + "speed = 9\n",
        "[",
    ):
        file.write_text(wrong)
        with pytest.raises(BadStorage):
            load(file)
