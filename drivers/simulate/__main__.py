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

from drivers.simulate.contract import Garble, Simulator, toml

WHERE: Mapping[str, str] = MappingProxyType(
    {
        "access_terminal/dahua": "drivers.simulate.face_terminals:DahuaSimulator",
        "access_terminal/hikvision": "drivers.simulate.face_terminals:HikvisionSimulator",
        "access_terminal/zkteco-push": "drivers.simulate.face_terminals:ZkTecoSimulator",
        "barrier/gpio": "drivers.simulate.gpio:GpioSimulator",
        "barrier/lcus": "drivers.simulate.lcus_relay:LcusRelaySimulator",
        "barrier/modbus-relay": "drivers.simulate.modbus_relay:ModbusRelaySimulator",
        "barrier/osdp": "drivers.simulate.osdp:OsdpSimulator",
        "camera/folder": "drivers.simulate.frames:FolderCameraSimulator",
        "camera/mjpeg-http": "drivers.simulate.mjpeg_http:MjpegHttpSimulator",
        "camera/rtsp": "drivers.simulate.rtsp:RtspSimulator",
        "code_scanner/camera": "drivers.simulate.camera_scanner:CameraScannerSimulator",
        "code_scanner/gm65": "drivers.simulate.gm65:Gm65Simulator",
        "code_scanner/honeywell": "drivers.simulate.honeywell:HoneywellSimulator",
        "code_scanner/keyboard-wedge": "drivers.simulate.keyboard_wedge:KeyboardWedgeSimulator",
        "code_scanner/newland": "drivers.simulate.newland:NewlandSimulator",
        "code_scanner/ssi": "drivers.simulate.ssi_scanner:SsiSimulator",
        "code_scanner/wiegand-serial": "drivers.simulate.wiegand_serial:WiegandSerialSimulator",
        "id_reader/sam-v-hid": "drivers.simulate.sam_v:SamVHidSimulator",
        "id_reader/sam-v-serial": "drivers.simulate.sam_v:SamVSimulator",
        "id_reader/sam-v-usb": "drivers.simulate.sam_v:SamVUsbSimulator",
        "lamp/modbus-relay": "drivers.simulate.modbus_lamp:ModbusLampSimulator",
        "page_printer/ipp": "drivers.simulate.ipp_printer:IppPrinterSimulator",
        "presence/ld2410": "drivers.simulate.ld2410:Ld2410Simulator",
        "printer/escpos-serial": "drivers.simulate.escpos_printer:EscPosSimulator",
        "printer/escpos-tcp": "drivers.simulate.escpos_printer:EscPosSimulator",
        "printer/escpos-usb": "drivers.simulate.escpos_printer:EscPosSimulator",
        "speaker/alsa": "drivers.simulate.sound_card:SoundCardSimulator",
        "thermometer/cjmcu-90614": "drivers.simulate.cjmcu_90614:Cjmcu90614Simulator",
        "thermometer/gy-614": "drivers.simulate.gy_614:Gy614Simulator",
        "thermometer/gy-mcu90640": "drivers.simulate.gy_mcu90640:GyMcu90640Simulator",
        "thermometer/lepton-y16": "drivers.simulate.lepton:LeptonSimulator",
        "thermometer/mlx90614-smbus": "drivers.simulate.mlx90614:Mlx90614Simulator",
        "thermometer/modbus-rtu": "drivers.simulate.modbus_thermometer:ModbusThermometerSimulator",
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
    maker, _, wire = model.partition("-")
    return make(folder, kind, wire=wire) if maker == "escpos" else make(folder, kind)


def obey(simulator: Simulator, file: Path | None) -> None:
    """Do what the file `do` in a simulator's folder asks: `unplug`, `replug`, `hang SECONDS` or `garble HOW`.

    The file is removed when it was done; what is not understood is said on stderr.
    """
    if file is None:
        return
    try:
        words = file.read_text(encoding="utf-8").split()
    except OSError:
        return
    try:
        match words:
            case ["unplug"]:
                simulator.unplug()
            case ["replug"]:
                simulator.replug()
            case ["hang", seconds]:
                simulator.hang(float(seconds))
            case ["garble", how]:
                simulator.garble(Garble(how))
            case _:
                typer.echo(f"{file}: unplug, replug, hang SECONDS or garble HOW", err=True)
    except ValueError as error:
        typer.echo(f"{file}: {error}", err=True)
    file.unlink(missing_ok=True)


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
            typer.echo(f"{name} = {toml(value)}")
        sys.stdout.flush()
        while not stop.wait(0.1):
            obey(simulator, None if folder is None else folder / "do")


if __name__ == "__main__":
    typer.run(main)
