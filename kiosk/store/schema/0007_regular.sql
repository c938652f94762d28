-- People who agreed to be recognised at this lane. The body (template, name, number) is sealed with the terminal's key.
CREATE TABLE regular (
    id       TEXT PRIMARY KEY,
    person   TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    consent  TEXT NOT NULL,
    enrolled TEXT NOT NULL,
    expires  TEXT NOT NULL,
    body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
