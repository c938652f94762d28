"""The hub's database and its folder of papers."""
