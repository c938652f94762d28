"""Which errors of the database are about what was to be stored, and which about the database itself.

The first are an item's own: it is refused, the next goes on. The second are nobody's fault: nothing is answered, and
the terminal comes again. A full disk, a lock, a server that restarts must never cost an item.
"""

from typing import Final

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.store.s3 import ObjectsAway, ObjectsRefuse

_ABOUT_VALUES: Final = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
STORE_AWAY: Final = (DBAPIError, PoolTimeout, ObjectsAway, ObjectsRefuse)
"""Nothing is stored, and the same may succeed later."""


def is_about_the_item(error: Exception) -> bool:
    """Whether the database was there and did not like the values."""
    if isinstance(error, DBAPIError):
        return isinstance(error, _ABOUT_VALUES) and not error.connection_invalidated
    return isinstance(error, (StatementError, OverflowError, ValueError))
