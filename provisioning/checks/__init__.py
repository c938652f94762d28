"""Checks: does each device and the machine itself do what it should, measured, with limits and what to do otherwise."""
