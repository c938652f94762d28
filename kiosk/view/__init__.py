"""What a screen shows and what a person answers: frozen data that survives JSON, and no pixel of it.

A journey shows a view state and waits for an intent (`ask`). The screens of `ui` know nothing else of the product,
so the same states can be drawn in another process, or seen by a helper elsewhere.
"""
