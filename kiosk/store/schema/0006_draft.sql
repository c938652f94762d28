-- Applications that were begun and not finished. The body is sealed with a key that only the owner's card gives.
-- `kept` is 1 when the person asked for it; otherwise it is what a power cut left.
CREATE TABLE draft (
    person  TEXT NOT NULL,
    item    TEXT NOT NULL,
    version INTEGER NOT NULL,
    saved   TEXT NOT NULL,
    expires TEXT NOT NULL,
    kept    INTEGER NOT NULL,
    body    BLOB NOT NULL,
    PRIMARY KEY (person, item)
) STRICT, WITHOUT ROWID;
