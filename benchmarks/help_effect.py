"""What a call costs those who do not make it: touches of the screens and passages of the gate, without and with one.

* `touch`: the product's screens off-screen at 540 x 960 beside camera and vision process, as in `benchmarks ui`; in the
  call the screen is drawn a second time for staff whenever something changes, and the process sends both pictures. Both
  alternate in one process, so that they see the same machine.
* `gate`: people at wire speed through the real gate, as in `benchmarks gate`, while a desk on the same machine has a
  call; four queues, by turns without and with.

The peer, which is elsewhere in life, runs at the lowest priority here, but on the same processors.
`python -m benchmarks.help_effect TOUCHES` measures the touches alone: Kivy wants a main thread.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Final

import anyio
import anyio.to_thread

from benchmarks.help_call import Peer, Worker, connect
from kiosk.help import messages
from kiosk.help_setup import HelpRings
from kiosk.vision.frames import Ring

MOST_EFFECT: Final = 0.10
_ROUNDS: Final = 2
"""Without a call, and with one, so many times in turn."""
_LAST: Final = ("nice", "-n", "19")


@contextmanager
def in_a_call(rings: tuple[Ring, Ring, Ring] | None = None) -> Iterator[Worker]:
    """A call as long as the context lasts."""
    worker, peer = Worker(rings=rings), Peer(_LAST)
    try:
        worker.until(messages.Ready)
        connect(worker, peer)
        peer.ask({"count": 1})
        peer.said()
        yield worker
    finally:
        worker.close()
        peer.close()


def effects(count: int) -> dict[str, object]:
    """Measure both.

    Args:
        count: people in each queue, and touches of each kind in each round.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.help_effect", str(count)], check=True, stdout=subprocess.PIPE
    )
    touch: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return {"touch": touch, "gate": anyio.run(gate, count), "bar": MOST_EFFECT}


# The gate ---------------------------------------------------------------------------------------------------------


async def gate(people: int) -> dict[str, object]:
    """Queues through the gate, by turns without and with a call on the same machine."""
    from benchmarks.gate_queue import _Queue  # noqa: PLC0415  the whole program, only where it is measured
    from kiosk.clock import WallClock  # noqa: PLC0415  the same
    from kiosk.demo.cases import GateCase  # noqa: PLC0415  the same
    from kiosk.demo.health import HealthOffice  # noqa: PLC0415  the same
    from kiosk.demo.people import Registry, visitor  # noqa: PLC0415  the same
    from kiosk.demo.plan import Plan  # noqa: PLC0415  the same
    from kiosk.demo.show import Show  # noqa: PLC0415  the same
    from kiosk.demo.stage_crew import watched  # noqa: PLC0415  the same
    from kiosk.demo.street import Faces  # noqa: PLC0415  the same
    from provisioning.assets import portraits  # noqa: PLC0415  the same

    rng = random.Random(1)
    faces = await anyio.to_thread.run_sync(Faces, portraits(), 1)
    registry = Registry(rng)
    queues = [[visitor(registry, rng, len(faces), GateCase.LISTED) for _ in range(people)] for _ in range(2 * _ROUNDS)]
    warm = [visitor(registry, rng, len(faces), GateCase.LISTED) for _ in range(2)]
    plan = Plan(people=0, submissions=0, seed=1, hub_down="never", plain=True, role="gate")
    taken: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    slower = 0
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-benchmark-")))
        clinic = stack.enter_context(HealthOffice(WallClock()))
        show = Show(plan, folder, lambda _: None, 0, clinic)
        await stack.enter_async_context(watched(show.programs))
        show.start_hub()
        await show.build(stack)
        office = show.office()
        await anyio.to_thread.run_sync(
            partial(office.open, [who for queue in (*queues, warm) for who in queue], changes=0)
        )
        await show.start_terminals(stack)
        await show.in_service()
        queue = _Queue(show, office, clinic, faces, folder / "gate" / "data" / "gate")
        await queue.walk(warm)
        for turn, waiting in enumerate(queues):
            with ExitStack() as call:
                worker: Worker | None = None
                if turn % 2:
                    worker = await anyio.to_thread.run_sync(call.enter_context, in_a_call())
                passed = await queue.walk(waiting)
                if worker is not None:
                    slower = max(slower, await anyio.to_thread.run_sync(worker.lowest))
            figures = passed["card_to_barrier_ms"]
            assert isinstance(figures, dict)
            taken[turn % 2 == 1].append(figures)
    return {
        "people": people * _ROUNDS,
        "card_to_barrier": compared(_together(taken[False]), _together(taken[True])),
        "steps_down": slower,
    }


def _together(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(mean(each[name] for each in rounds), 1) for name in ("p50", "p95")}


def compared(without: dict[str, float], within: dict[str, float]) -> dict[str, object]:
    """Two rows of p50 and p95 in ms, and what the second has more, as a share."""
    return {
        "without_ms": without,
        "in_a_call_ms": within,
        "effect_p50": round(within["p50"] / without["p50"] - 1, 3),
        "effect_p95": round(within["p95"] / without["p95"] - 1, 3),
    }


# The screens ------------------------------------------------------------------------------------------------------


def touches(count: int) -> dict[str, object]:
    """Touches of the product's screens, by turns without and with a call; on the main thread of this process."""
    from benchmarks.ui_frames import DOWN, SIZE, UP, Frames, pause, spread, with_core  # noqa: PLC0415  Kivy, here only
    from kiosk.view.common import Language, Modes  # noqa: PLC0415  the same
    from kiosk.view.help import Mark, Talk, Watch  # noqa: PLC0415  the same
    from kiosk.view.screen import Screen  # noqa: PLC0415  the same
    from ui.app import Bridge, Options, run  # noqa: PLC0415  the same
    from ui.samples import HALL, NOW, samples  # noqa: PLC0415  the same

    bridge, known, rings = Bridge(lambda _touch: None), samples(), HelpRings()
    bridge.on_mirror = rings.mirror
    taken: dict[bool, list[float]] = {False: [], True: []}
    sent: list[int] = []
    number = 0

    def show(name: str, *, called: bool) -> None:
        nonlocal number
        number += 1
        mark = Mark(("李静",), 0, Talk.VIDEO) if called else None
        bridge.show(Screen("desk", known[name], Language.ZH_HANS, Modes(), number, helped=mark))
        if not bridge.wait_drawn(number, 30):
            raise RuntimeError("a screen was not drawn in time")

    def touch(frames: Frames, turns: int, *, called: bool) -> Iterator[float]:
        for turn in range(turns):
            if turn % 5 == 0:
                show("desk.BeforeYouStart", called=called)
                show("desk.Question-digits", called=called)
            pause(turn)
            x, y = SIZE[0] * (0.2 + 0.3 * (turn % 3)), SIZE[1] * 0.53
            yield frames.touch(DOWN, x, y)
            yield frames.touch(UP, x, y)

    def core(camera: Ring) -> None:
        try:
            show("desk.Start", called=False)
            frames = Frames()
            time.sleep(1)
            list(touch(frames, 10, called=False))  # the first ones fill caches
            for turn in range(2 * _ROUNDS):
                called = turn % 2 == 1
                if not called:
                    taken[called] += touch(frames, count, called=called)
                    continue
                with in_a_call((camera, rings.screen, rings.staff)) as worker:
                    bridge.guide(Watch(on=True))
                    time.sleep(1)
                    taken[called] += touch(frames, count, called=called)
                    sent.append(worker.lowest())
                    bridge.guide(Watch(on=False))
        finally:
            bridge.stop()

    def screens(home: Path, ring: Ring) -> None:
        run("desk", bridge, ring, Options(now=lambda: NOW, home=home, size=SIZE, hall=HALL, staff_picture=rings.staff))

    with_core(core, screens)
    rings.close()
    return {
        "touches": len(taken[True]),
        "press_and_release": compared(spread(taken[False]), spread(taken[True])),
        "steps_down": max(sent),
    }


if __name__ == "__main__":
    print(json.dumps(touches(int(sys.argv[1]))))
