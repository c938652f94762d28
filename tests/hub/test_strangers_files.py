"""Files that unpack to gigabytes, or run something: refused in words at every door, and the hub never unpacks them."""

import io
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from hub.office.result_file import NotAResult, check_pdf
from kiosk.wire import routes
from kiosk.wire.technician import ATTACHED
from tests.hub.office_world import Citizen, World, pdf

MIB = 1024 * 1024
UNPACKED = 400
"""Mebibytes."""
ROOM = 200 * MIB
"""What the hub may grow by while it refuses such a file."""


def _squeezed(head: bytes, filling: bytes, mebibytes: int, tail: bytes, form: int) -> bytes:
    """Compressed without ever being whole in memory."""
    stream, chunk = zlib.compressobj(1, zlib.DEFLATED, form), filling * MIB
    return (
        stream.compress(head)
        + b"".join(stream.compress(chunk) for _ in range(mebibytes))
        + (stream.compress(tail) + stream.flush())
    )


def bomb(mebibytes: int) -> bytes:
    """A PDF of one page and an object stream, packed twice, with one string of this length in it."""
    packed = zlib.compress(_squeezed(b"10 0 <</A (", b"x", mebibytes, b")>>", zlib.MAX_WBITS), 9)
    parts = (
        b"<</Type/Catalog/Pages 2 0 R/X 10 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Type/ObjStm/N 1/First 5/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%b\nendstream"
        % (len(packed), packed),
    )
    out, places = b"%PDF-1.5\n", [(0, 0, 65535)]
    for number, part in enumerate(parts, start=1):
        places.append((1, len(out), 0))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    places += [(1, len(out), 0), *[(0, 0, 0)] * 4, (2, 4, 0)]
    table = b"".join(kind.to_bytes(1) + where.to_bytes(4) + nth.to_bytes(2) for kind, where, nth in places)
    head = b"5 0 obj\n<</Type/XRef/Size 11/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return out + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def memory(line: str) -> int:
    """Of this process, in bytes: `VmRSS` now, `VmHWM` at most since `watched`."""
    for each in Path("/proc/self/status").read_text().splitlines():
        if each.startswith(line):
            return int(each.split()[1]) * 1024
    raise KeyError(line)


@pytest.fixture(scope="module")
def packed() -> bytes:
    return bomb(UNPACKED)


@pytest.fixture(scope="module")
def report() -> bytes:
    """A PDF with an attachment of the name that reports have."""
    made = pikepdf.new()
    made.add_blank_page()
    stream = made.make_stream(_squeezed(b"{", b" ", UNPACKED, b"}", zlib.MAX_WBITS), Filter=pikepdf.Name.FlateDecode)
    file = pikepdf.Dictionary(Type=pikepdf.Name.EmbeddedFile)
    for key, value in file.items():
        stream[key] = value
    spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=ATTACHED, UF=ATTACHED, EF=pikepdf.Dictionary(F=stream))
    names = pikepdf.Array([pikepdf.String(ATTACHED), made.make_indirect(spec)])
    made.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=names))
    out = io.BytesIO()
    made.save(out, compress_streams=False)
    return out.getvalue()


@pytest.fixture(scope="module")
def batch() -> bytes:
    return _squeezed(b"[", b" ", UNPACKED, b"]", zlib.MAX_WBITS | 16)


@pytest.fixture
def grown(packed: bytes, report: bytes, batch: bytes) -> Any:
    """By how much this process, in which the hub runs, grew at most since the test began."""
    assert max(map(len, (packed, report, batch))) < 3 * MIB
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts again
    before = memory("VmRSS")
    return lambda: memory("VmHWM") - before


@pytest.fixture(scope="module")
def world(running: Any) -> World:
    return World(running)


def test_a_result_that_unpacks_to_gigabytes(running: Any, world: World, packed: bytes, grown: Any) -> None:
    number = Citizen(running.terminal("desk", "bombed")).hand_in().number
    world.staff("bombed")
    answer = world.clerk("bombed", "b01").upload(world.record(number), packed)
    assert (answer.status_code, "unpack to far too much" in answer.text) == (409, True)
    assert grown() < ROOM
    assert running.rows("SELECT count(*) FROM result") == [(0,)]


def test_a_report_that_unpacks_to_gigabytes(running: Any, packed: bytes, report: bytes, grown: Any) -> None:
    terminal = running.terminal()
    for body in (packed, report):
        answer = terminal.http.put(routes.ACCEPTANCE, content=body)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:kiosk:problem:not-a-report")
        assert "Make it again" in answer.json()["detail"]
    assert grown() < ROOM


def test_what_is_packed_on_the_way_is_not_unpacked(running: Any, batch: bytes, grown: Any) -> None:
    terminal = running.terminal()
    for path in (routes.EVENTS, routes.HEALTH, routes.OFFICE_MINE):
        answer = terminal.http.post(path, content=batch, headers={"content-encoding": "gzip"})
        assert 400 <= answer.status_code < 500, path
        assert answer.json()["detail"]
    assert grown() < ROOM


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"AA": pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))}, "it contains"),
        ({"OpenAction": pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")}, "it contains"),
        ({"AcroForm": pikepdf.Dictionary(XFA="<xdp/>")}, "XFA"),
    ],
    ids=["script", "launch", "form"],
)
@pytest.mark.anyio
async def test_a_result_with_something_that_runs(extra: dict[str, Any], told: str) -> None:
    with pytest.raises(NotAResult, match=told):
        await check_pdf(pdf(**extra))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_what_is_good_is_taken_and_counted() -> None:
    assert await check_pdf(pdf(pages=3)) == 3
