"""`python -m drivers.simulate KIND MODEL`: one simulated device at the far end of a real wire, until Ctrl-C."""

import contextlib
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from drivers.simulate.contract import Simulator

WHERE: Mapping[str, str] = MappingProxyType(
    {
        "barrier/modbus-relay": "drivers.simulate.modbus_relay:ModbusRelaySimulator",
        "camera/folder": "drivers.simulate.frames:FolderCameraSimulator",
        "code_scanner/gm65": "drivers.simulate.gm65:Gm65Simulator",
        "id_reader/sam-v-serial": "drivers.simulate.sam_v:SamVSimulator",
        "printer/escpos-serial": "drivers.simulate.escpos_printer:EscPosSimulator",
        "printer/escpos-tcp": "drivers.simulate.escpos_printer:EscPosSimulator",
        "thermometer/gy-614": "drivers.simulate.gy_614:Gy614Simulator",
    }
)
"""Driver key → `module:class` of the simulator. Imported when asked for."""


def start(key: str, folder: Path) -> Simulator:
    """Start the simulator for a driver.

    Args:
        key: of the driver.
        folder: where addresses and other files of the simulator appear.

    Raises:
        KeyError: no simulator is known for it.
    """
    module, name = WHERE[key].split(":")
    make: Callable[..., Simulator] = vars(import_module(module))[name]
    kind, _, model = key.partition("/")
    return make(folder, kind, wire="serial") if model == "escpos-serial" else make(folder, kind)


def main(
    kind: Annotated[str, typer.Argument(help="kind of device, e.g. thermometer")],
    model: Annotated[str, typer.Argument(help="model, e.g. gy-614")],
    folder: Annotated[
        Path | None, typer.Option(help="where the address appears; a temporary folder by default")
    ] = None,
) -> None:
    """Simulate one device, print what a site file needs to reach it, and run until Ctrl-C."""
    key = f"{kind}/{model}"
    if key not in WHERE:
        typer.echo(f"no simulator for {key!r}; there are: {', '.join(WHERE)}", err=True)
        raise typer.Exit(2)
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    with contextlib.ExitStack() as cleanup:
        simulator = start(key, folder or Path(cleanup.enter_context(tempfile.TemporaryDirectory())))
        cleanup.callback(simulator.close)
        typer.echo(f'driver = "{simulator.driver}"')
        for name, value in simulator.options.items():
            typer.echo(f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    typer.run(main)
