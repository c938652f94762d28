"""Devices as the core sees them: supervised, with deadlines."""
