"""Certificates shown as codes, checked offline: EU DCC, SMART Health Cards, ICAO VDS-NC and our own signed codes."""
