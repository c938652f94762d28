"""What the hub signs and hands down: rules and the catalogue."""
