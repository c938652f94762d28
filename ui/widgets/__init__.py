"""One widget a file; each is placed by a `Box` in design units and drawn with canvas instructions."""
