"""Readers of QR and bar codes."""
