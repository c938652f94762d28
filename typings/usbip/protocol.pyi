# Only what drivers/simulate/usb_wire.py uses.
from socket import socket

from usbip.device import USBDevice

def serve_connection(sock: socket, devs: list[USBDevice]) -> None: ...
