"""The desk: one application from card to receipt."""
