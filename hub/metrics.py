"""Figures for Prometheus, in its text format: counted in the database, so that every process says the same.

Few labels: hall and role. Terminals expose nothing; what they tell with their health is told on here.
"""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Connection, func, select
from starlette.responses import Response

from hub.api.connection import hung_up
from hub.app import Hub
from hub.data import disk_free
from hub.fleet import seen
from hub.store import schema
from kiosk.wire.orders import OrderFate

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BEGAN = time.monotonic()
Sample = tuple[dict[str, str], float]

router = APIRouter()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def family(name: str, kind: str, told: str, samples: Iterable[Sample]) -> str:
    """One family of figures.

    Args:
        name: Without the prefix `kiosk_`.
        kind: `gauge` or `counter`.
        told: What it is.
        samples: Labels and value.
    """
    lines = [f"# HELP kiosk_{name} {told}", f"# TYPE kiosk_{name} {kind}"]
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(each)}"' for key, each in labels.items())
        lines.append(f"kiosk_{name}{'{' + inside + '}' if inside else ''} {value:g}")
    return "\n".join(lines) + "\n"


def _by_hall(connection: Connection, table: object, hall: object) -> list[Sample]:
    rows = connection.execute(select(hall, func.count()).select_from(table).group_by(hall))  # type: ignore[call-overload]  # tables of our own
    return [({"hall": name}, float(count)) for name, count in rows]


def exposition(connection: Connection, now: datetime) -> str:
    """All that is in the database."""
    gone = seen.retired(connection)
    last = {key: each for key, each in seen.since(connection, None).items() if key not in gone}
    heard: dict[str, list[float]] = {}
    outbox: Counter[str] = Counter()
    dead: Counter[str] = Counter()
    oldest: dict[str, float] = {}
    out: Counter[str] = Counter()
    offset: dict[str, float] = {}
    for key, each in last.items():
        health = each.health
        heard.setdefault(key.hall, []).append((now - each.at).total_seconds())
        outbox[key.hall] += health.outbox_waiting
        dead[key.hall] += health.outbox_dead
        out[key.hall] += not health.in_service
        if health.oldest_waiting is not None:
            age = (health.made - health.oldest_waiting).total_seconds()
            oldest[key.hall] = max(oldest.get(key.hall, 0.0), age)
        offset[key.hall] = max(offset.get(key.hall, 0.0), abs(each.clock_offset.total_seconds()))
    days = [(end - now).total_seconds() / 86400 for end in seen.certificate_ends(connection).values()]
    alarm, order = schema.fleet_alarm, schema.fleet_order
    raised = connection.execute(
        select(alarm.c.hall, alarm.c.kind, func.count())
        .where(alarm.c.cleared.is_(None))
        .group_by(alarm.c.hall, alarm.c.kind)
    )
    fates = connection.execute(select(order.c.fate, func.count()).group_by(order.c.fate)).all()
    newest = connection.scalar(select(func.max(schema.event.c.position))) or 0
    undelivered = connection.scalar(
        select(func.count()).select_from(schema.delivery).where(schema.delivery.c.next_try.is_not(None))
    )

    def of_halls(values: dict[str, float]) -> list[Sample]:
        return [({"hall": hall}, value) for hall, value in sorted(values.items())]

    return "".join(
        (
            family("terminals", "gauge", "Enrolled.", _by_hall(connection, schema.terminal, schema.terminal.c.hall)),
            family(
                "terminals_out_of_service",
                "gauge",
                "By their own word.",
                of_halls({h: float(n) for h, n in out.items()}),
            ),
            family("heartbeat_gap_seconds", "gauge", "The longest.", of_halls({h: max(g) for h, g in heard.items()})),
            family(
                "outbox_waiting", "gauge", "Events at terminals.", of_halls({h: float(n) for h, n in outbox.items()})
            ),
            family("outbox_dead", "gauge", "Refused for good.", of_halls({h: float(n) for h, n in dead.items()})),
            family("outbox_oldest_seconds", "gauge", "The oldest that waits.", of_halls(oldest)),
            family("clock_offset_seconds", "gauge", "The largest.", of_halls(offset)),
            family("events_total", "counter", "Stored.", [({}, float(newest))]),
            family("passages", "gauge", "Stored.", _by_hall(connection, schema.passage, schema.passage.c.hall)),
            family(
                "submissions", "gauge", "Stored.", _by_hall(connection, schema.submission, schema.submission.c.hall)
            ),
            family(
                "refused",
                "gauge",
                "Events refused for good.",
                _by_hall(connection, schema.refused, schema.refused.c.hall),
            ),
            family("alarms", "gauge", "Raised.", [({"hall": h, "kind": k}, float(n)) for h, k, n in raised]),
            family("orders", "gauge", "By fate.", [({"fate": OrderFate(fate).value}, float(n)) for fate, n in fates]),
            family("notices_waiting", "gauge", "Messages to others.", [({}, float(undelivered or 0))]),
            family("certificate_days_left", "gauge", "The shortest.", [({}, min(days))] if days else []),
        )
    )


def _of_process(hub: Hub) -> str:
    return "".join(
        (
            family("process_uptime_seconds", "gauge", "Of this process.", [({}, time.monotonic() - _BEGAN)]),
            family(
                "hung_up_total",
                "counter",
                "Connections ended by this process: silent, slow, or with large headers.",
                [({"why": why}, float(hung_up[why])) for why in ("silent", "slow", "large")],
            ),
            family("process_leads_timers", "gauge", "Whether it does.", [({}, float(hub.leader.leads))]),
            family("writer_waiting", "gauge", "Work that waits for a commit.", [({}, float(hub.writer.waiting))]),
            family("disk_free_bytes", "gauge", "Under the papers.", [({}, float(disk_free(hub.data.papers)))]),
        )
    )


@router.get("/metrics", include_in_schema=False)
async def get_metrics(request: Request) -> Response:
    """For Prometheus."""
    hub: Hub = request.app.state.hub
    now = hub.now()
    counted = await hub.read(lambda connection: exposition(connection, now))
    return Response(counted + _of_process(hub), media_type=_TYPE)


def metrics_app(hub: Hub) -> FastAPI:
    """An application of its own, for a port that only the monitoring reaches."""
    app = FastAPI(title="Kiosk hub, figures", openapi_url=None)
    app.state.hub = hub
    app.include_router(router)
    return app
