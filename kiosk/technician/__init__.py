"""The technician's mode on the terminal's own screen: a PIN, then the technician's tools by the same code."""
