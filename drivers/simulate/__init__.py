"""The other end of the wire: devices that do not exist, behind ptys, sockets and folders that do.

Imported only behind the `--simulate` switch, by the demonstration and by tests.
"""
