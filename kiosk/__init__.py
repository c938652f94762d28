"""What the terminal does: the gate, the desk, and what both stand on."""

__version__ = "0.1.0"
