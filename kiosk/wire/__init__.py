"""What travels between terminal and hub. Versioned; imports nothing else of ours.

Every struct refuses fields it does not know: a terminal cannot slip a picture past the schema.
"""

VERSION = 1
"""Version of the protocol, sent as `X-Kiosk-Wire`. The hub refuses what it does not know with 409."""
