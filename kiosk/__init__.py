"""What the terminal does: the gate, the desk, and what both stand on."""
