"""An OSDP peripheral in a process of its own: libosdp in the role of the device. Started by `drivers.simulate.osdp`.

Standard input takes one line of JSON (address, key), then a number a line: the inputs as bits. Standard output says
`ready`, then `release TENTHS` and `lock`. The wire is the terminal named on the command line.
"""

import json
import os
import select
import signal
import sys
import tty

import osdp_sys

_INPUTS = 8
_OUTPUTS = 2
_STEP_S = 0.005


class _Wire:
    id = 0

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)

    def read(self, max_bytes: int) -> bytes:
        """What has arrived."""
        try:
            return os.read(self.fd, max_bytes)
        except BlockingIOError:
            return b""

    def write(self, buf: bytes) -> int:
        """Say it."""
        return os.write(self.fd, buf)

    def flush(self) -> None:
        """Nothing waits here."""


def _obey(command: dict[str, int | str | bytes]) -> tuple[int, None]:
    if command["command"] == osdp_sys.CMD_OUTPUT and command["output_no"] == 0:
        said = f"release {command['timer_count']!r}" if command["control_code"] == 5 else "lock"
        os.write(1, f"{said}\n".encode())
    return 0, None


def _first_line() -> bytes:
    """Byte by byte: nothing of the next line may be taken with it."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            raise EOFError("nobody says what to be")
        line += byte
    return line


def main(path: str) -> None:
    """Be the device until standard input ends.

    Args:
        path: of the terminal that is the wire.
    """
    osdp_sys.set_loglevel(osdp_sys.LOG_EMERG)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it; it ends with its standard input
    wire = _Wire(path)
    told = json.loads(_first_line())
    device = osdp_sys.PeripheralDevice(
        {
            "name": "simulated",
            "address": told["address"],
            "flags": osdp_sys.FLAG_ENFORCE_SECURE if told["key"] else 0,
            "scbk": bytes.fromhex(told["key"]) if told["key"] else None,
            "channel": wire,
            "version": 1,
            "model": 1,
            "vendor_code": 0xCAFEBABE,
            "serial_number": 0xDEADBEAF,
            "firmware_version": 0xDEADDEAD,
        },
        capabilities=[
            {"function_code": function, "compliance_level": 1, "num_items": items}
            for function, items in (
                (osdp_sys.CAP_CONTACT_STATUS_MONITORING, _INPUTS),
                (osdp_sys.CAP_OUTPUT_CONTROL, _OUTPUTS),
                (osdp_sys.CAP_COMMUNICATION_SECURITY, 1),
            )
        ],
    )
    device.set_command_callback(_obey)
    os.write(1, b"ready\n")
    _serve(device, wire)


def _serve(device: osdp_sys.PeripheralDevice, wire: _Wire) -> None:
    """Report the inputs when the channel stands, and whenever they change."""
    inputs, reported, unread = 0, -1, b""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(wire.fd, select.POLLIN)
    while True:
        for fd, _ in poll.poll(_STEP_S * 1000):
            if fd == 0:
                received = os.read(0, 4096)
                if not received:
                    return
                *lines, unread = (unread + received).split(b"\n")
                for line in lines:
                    inputs = int(line)
                    reported = _report(device, inputs, reported)
        device.refresh()
        if not device.is_sc_active():
            reported = -1
        reported = _report(device, inputs, reported)


def _report(device: osdp_sys.PeripheralDevice, inputs: int, reported: int) -> int:
    if inputs == reported or not device.is_sc_active():
        return reported
    bits = bytes(inputs >> bit & 1 for bit in range(_INPUTS))
    device.submit_event({"event": osdp_sys.EVENT_STATUS, "type": osdp_sys.STATUS_REPORT_INPUT, "report": bits})
    return inputs


if __name__ == "__main__":
    main(sys.argv[1])
