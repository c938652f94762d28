-- What staff did at this lane, the newest last; the event itself waits in the outbox like any other.
CREATE TABLE staff_action (
    place   INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    act     TEXT NOT NULL,
    staff   TEXT NOT NULL,
    passage TEXT,
    at      TEXT NOT NULL,
    body    BLOB NOT NULL
) STRICT;
CREATE INDEX staff_action_passage ON staff_action (passage) WHERE passage IS NOT NULL;

-- Passages since the last disinfection, and when that was; one row. Counted, so that no clock can lose one.
CREATE TABLE disinfection (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    passages INTEGER NOT NULL DEFAULT 0,
    done     TEXT
) STRICT;
INSERT INTO disinfection (one) VALUES (1);
