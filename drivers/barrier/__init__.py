"""Turnstiles, doors and relays."""
