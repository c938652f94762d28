"""Which drivers there are. A driver that is not listed here does not exist.

Modules are imported when their driver is asked for, so that a gate does not load the printer.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from drivers.contract import Driver, Kind, Options
from drivers.masks import HIDDEN, PLAIN, Masks, hidden, plain
from drivers.transport.recorder import Recorder, recording

WHERE: Mapping[str, str] = MappingProxyType(
    {
        "access_terminal/dahua": "drivers.access_terminal.dahua:Dahua",
        "access_terminal/hikvision": "drivers.access_terminal.hikvision:Hikvision",
        "access_terminal/zkteco-push": "drivers.access_terminal.zkteco:ZkTeco",
        "barrier/gpio": "drivers.barrier.gpio:Gpio",
        "barrier/lcus": "drivers.barrier.lcus_relay:LcusRelay",
        "barrier/modbus-relay": "drivers.barrier.modbus_relay:ModbusRelay",
        "barrier/osdp": "drivers.barrier.osdp:Osdp",
        "camera/folder": "drivers.camera.folder:FolderCamera",
        "camera/mjpeg-http": "drivers.camera.mjpeg_http:MjpegHttpCamera",
        "camera/rtsp": "drivers.camera.rtsp:RtspCamera",
        "camera/uvc": "drivers.camera.uvc:UvcCamera",
        "camera/video-file": "drivers.camera.video_file:VideoFileCamera",
        "code_scanner/camera": "drivers.code_scanner.camera_scanner:CameraScanner",
        "code_scanner/gm65": "drivers.code_scanner.gm65:Gm65",
        "code_scanner/honeywell": "drivers.code_scanner.honeywell:Honeywell",
        "code_scanner/keyboard-wedge": "drivers.code_scanner.keyboard_wedge:KeyboardWedge",
        "code_scanner/newland": "drivers.code_scanner.newland:Newland",
        "code_scanner/ssi": "drivers.code_scanner.ssi:Ssi",
        "code_scanner/wiegand-serial": "drivers.code_scanner.wiegand_serial:WiegandSerial",
        "id_reader/sam-v-hid": "drivers.id_reader.sam_v_hid:SamVHid",
        "id_reader/sam-v-serial": "drivers.id_reader.sam_v_serial:SamVSerial",
        "id_reader/sam-v-usb": "drivers.id_reader.sam_v_usb:SamVUsb",
        "lamp/modbus-relay": "drivers.lamp.modbus_relay:ModbusRelayLamp",
        "page_printer/ipp": "drivers.page_printer.cups_ipp:CupsIpp",
        "presence/ld2410": "drivers.presence.ld2410:Ld2410",
        "printer/escpos-serial": "drivers.printer.escpos:EscPosSerial",
        "printer/escpos-tcp": "drivers.printer.escpos:EscPosTcp",
        "printer/escpos-usb": "drivers.printer.escpos:EscPosUsb",
        "speaker/alsa": "drivers.speaker.alsa:Alsa",
        "thermometer/cjmcu-90614": "drivers.thermometer.cjmcu_90614:Cjmcu90614",
        "thermometer/gy-614": "drivers.thermometer.gy_614:Gy614",
        "thermometer/gy-mcu90640": "drivers.thermometer.gy_mcu90640:GyMcu90640",
        "thermometer/lepton-y16": "drivers.thermometer.lepton_y16:LeptonY16",
        "thermometer/mlx90614-smbus": "drivers.thermometer.mlx90614_smbus:Mlx90614",
        "thermometer/modbus-rtu": "drivers.thermometer.modbus_rtu:ModbusThermometer",
    }
)
"""Driver key → `module:class`."""


def driver_class(key: str) -> type[Driver]:
    """Find a driver by its key.

    Raises:
        KeyError: there is none; the message names those of the same kind.
    """
    where = WHERE.get(key)
    if where is None:
        near = sorted(k for k in WHERE if k.startswith(f"{key.split('/', 1)[0]}/")) or sorted(WHERE)
        raise KeyError(f"no driver is called {key!r}; there are: {', '.join(near)}")
    module, name = where.split(":")
    found: type[Driver] = vars(import_module(module))[name]
    return found


NO_IDENTITY = frozenset({Kind.THERMOMETER, Kind.LAMP, Kind.PRESENCE})
"""Kinds whose wires carry nothing that tells who a person is."""


NO_IDENTITY_BACK = frozenset({Kind.PRINTER})
"""Kinds whose wires carry it to the device only."""


def masks_of(driver: type[Driver]) -> Masks:
    """What a recording keeps of a driver's wire: what it says itself, else by its kind; nothing where in doubt."""
    if driver.masks is not None:
        return driver.masks
    if driver.kind in NO_IDENTITY_BACK:
        return Masks(sent=hidden, received=plain)
    return PLAIN if driver.kind in NO_IDENTITY else HIDDEN


def make(driver: type[Driver], options: Options) -> Driver:
    """Make a driver. Its wire is recorded when its options say so."""
    recorder = Recorder(Path(options.record), driver.key, masks_of(driver)) if options.record else None
    with recording(recorder):
        return driver(options)
