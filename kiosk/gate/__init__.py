"""The gate: one person from card to barrier."""
