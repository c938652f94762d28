"""Remote help over a bad network: real packets between two network namespaces, lost, late, gone, or only by a relay."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.help import gone
from benchmarks.help_call import Peer, Worker, connect, counted
from benchmarks.lossy_wire import Fault, Wire, lossy_wire, why_not
from kiosk.help import messages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
_PROGRAM = """
import aioice.ice
from kiosk.help import worker
aioice.ice.CONSENT_INTERVAL, aioice.ice.CONSENT_FAILURES, worker.ANSWER_SECONDS = 0.3, 3, 0.5
worker.main()
"""
QUICK_TO_GIVE_UP = ("-c", _PROGRAM)
"""Our process, which gives a silent line up after some 3 s in the place of 40: a minute on another scale."""


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    if why := why_not():
        pytest.skip(why)
    with lossy_wire() as made:
        yield made


@pytest.mark.parametrize(
    "fault", [Fault(loss=0.05), Fault(loss=0.2), Fault(delay=0.2)], ids=["5 percent", "20 percent", "200 ms"]
)
def test_a_call_over_a_bad_network(wire: Wire, fault: Fault) -> None:
    wire.be(fault)
    worker, peer = Worker(wire.near), Peer(wire.far)
    try:
        worker.until(messages.Ready)
        connect(worker, peer)
        assert not missing_after(worker, peer, 120.0)
        assert all(each.state != "failed" for each in worker.reports if isinstance(each, messages.State))
    finally:
        worker.close()
        peer.close()


def missing_after(worker: Worker, peer: Peer, seconds: float) -> dict[str, float]:
    """What has not come through in this time of pictures, sound (in seconds) and pointers: a busy machine is slow."""
    missing = {
        "camera_fps": 40.0,
        "screen_fps": 20.0,
        "staff_fps": 40.0,
        "sound_share": 2.0,
        "staff_sound_share": 2.0,
        "pointers_a_second": 8.0,
    }
    until = time.monotonic() + seconds
    while missing and time.monotonic() < until:
        found: dict[str, Any] = counted(worker, peer, 3.0)
        missing = {what: left - 3.0 * found[what] for what, left in missing.items() if left > 3.0 * found[what]}
    return missing


def test_a_line_that_is_gone_for_a_moment_ends_nothing(wire: Wire) -> None:
    found: dict[str, Any] = gone(wire, 3.0)
    assert found["connected_anew"] == 0
    assert found["given_up_after_s"] is None
    assert found["picture_back_after_s"] < 60


def test_a_line_that_was_gone_for_long_is_connected_anew(wire: Wire) -> None:
    found: dict[str, Any] = gone(wire, 12.0, QUICK_TO_GIVE_UP)
    assert found["given_up_after_s"] is not None
    assert found["connected_anew"] == 1
    assert found["picture_back_after_s"] < 60
