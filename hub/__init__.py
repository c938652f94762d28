"""The server that terminals report to."""
