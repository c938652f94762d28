"""`python -m benchmarks NAME --json`: what speed and accuracy are measured with.

Machines are noisy: read the ratios, not the milliseconds.
"""

import json
import os
import platform
from typing import Annotated

import anyio
import typer

os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")  # OpenCV talks on standard error

app = typer.Typer(
    help="Measurements of the program, each side by side with what it is compared with.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on stdout.")]


@app.callback()
def main() -> None:
    """Measurements of the program."""


def show(name: str, figures: dict[str, object], *, as_json: bool) -> None:
    """Print a measurement, with the machine it was taken on."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[0], 2)}
    report = {"benchmark": name, "machine": machine, **figures}
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    from rich import print_json  # noqa: PLC0415  only for people

    print_json(data=report)


@app.command()
def gate(
    *,
    people: Annotated[int, typer.Option(min=3, max=500, help="How many walk through.")] = 20,
    frames: Annotated[int, typer.Option(min=20, max=2000, help="How many pictures each engine looks at.")] = 120,
    as_json: AsJson = False,
) -> None:
    """The gate: last evidence to relay frame, worker against bare engine, pictures a second under the screens."""
    from benchmarks.gate import measure  # noqa: PLC0415  --help stays quick

    show("gate", anyio.run(measure, people, frames), as_json=as_json)


@app.command()
def devices(
    *,
    exchanges: Annotated[int, typer.Option(min=20, max=20000, help="How many over the pty, with each.")] = 500,
    rounds: Annotated[int, typer.Option(min=2, max=500, help="How often the plug is pulled.")] = 20,
    soak: Annotated[float, typer.Option(min=2, max=86400, help="Seconds of polling everything.")] = 60,
    as_json: AsJson = False,
) -> None:
    """The devices: codecs, a call against bare pyserial, unplug and return, and a soak of every simulated driver."""
    from benchmarks.devices import measure  # noqa: PLC0415  --help stays quick

    show("devices", anyio.run(measure, exchanges, rounds, soak), as_json=as_json)


if __name__ == "__main__":
    app()
