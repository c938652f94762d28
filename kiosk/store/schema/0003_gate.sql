-- The terminal's copy of the hall's appointments. Times are seconds since 1970, UTC.
CREATE TABLE appointment (
    code_id    TEXT PRIMARY KEY,
    person     TEXT,
    begins     INTEGER NOT NULL,
    ends       INTEGER NOT NULL,
    companions INTEGER NOT NULL,
    department TEXT NOT NULL,
    visitor    INTEGER NOT NULL,
    status     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX appointment_person ON appointment (person, begins) WHERE person IS NOT NULL;

-- How far the copy goes, and when the hub last said that it is complete.
CREATE TABLE appointment_list (
    hall TEXT PRIMARY KEY,
    upto INTEGER NOT NULL,
    made TEXT
) STRICT;

-- Appointments whose party came in here, before the hub's list says so.
CREATE TABLE used (
    code_id TEXT PRIMARY KEY,
    passage TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

-- Heads by the beams, one row a day of China's. `corrected` is what staff said is to be added to entered less left.
CREATE TABLE head_count (
    day       TEXT PRIMARY KEY,
    entered   INTEGER NOT NULL DEFAULT 0,
    "left"    INTEGER NOT NULL DEFAULT 0,
    corrected INTEGER NOT NULL DEFAULT 0
) STRICT;

-- When somebody last came in here, by the digest of their number; kept for a day.
CREATE TABLE entered (
    person TEXT PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT;
