"""Face terminals of other makers, as sources of evidence."""
