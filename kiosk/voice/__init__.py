"""Speaking: how a text is read, clips made at build time, speech made at run time, and the voice of a terminal."""
