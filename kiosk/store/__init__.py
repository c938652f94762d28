"""What the terminal must not lose."""
