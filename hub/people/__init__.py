"""People who come: appointments."""
