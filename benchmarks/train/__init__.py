"""Scripts that train the networks that are ours. They need more than the product does, and run outside of it."""
