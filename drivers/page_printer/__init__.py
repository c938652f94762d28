"""Page printers."""
