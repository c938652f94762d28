-- The terminal's own record. Expand and contract only: the previous release must still run on it.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- What the hub has not acknowledged. `seq` orders a terminal's events, whatever its clock says.
CREATE TABLE outbox (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    id     TEXT NOT NULL UNIQUE,
    kind   TEXT NOT NULL,
    made   TEXT NOT NULL,
    body   BLOB NOT NULL,
    state  TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead')),
    detail TEXT NOT NULL DEFAULT ''
) STRICT;

-- The papers that have to be at the hub before an event that names them.
CREATE TABLE paper (
    sha256 TEXT PRIMARY KEY,
    seq    INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE,
    bytes  INTEGER NOT NULL,
    sent   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX paper_seq ON paper (seq);

-- Each passage as it was decided, so that it can be decided again. `crossed` is NULL until the barrier has reported.
CREATE TABLE passage (
    id      TEXT PRIMARY KEY,
    decided TEXT NOT NULL,
    verdict TEXT NOT NULL,
    body    BLOB NOT NULL,
    crossed TEXT
) STRICT;
CREATE INDEX passage_open ON passage (decided) WHERE crossed IS NULL;

-- What is left here of a submission: enough to show its receipt again to the same person, nothing of its content.
CREATE TABLE submission (
    id        TEXT PRIMARY KEY,
    number    TEXT NOT NULL UNIQUE,
    person    TEXT NOT NULL,
    item      TEXT NOT NULL,
    submitted TEXT NOT NULL,
    promised  TEXT,
    receipt   TEXT CHECK (receipt IN ('printed', 'shown'))
) STRICT;
CREATE INDEX submission_person ON submission (person) WHERE receipt IS NULL;

-- What the hub has signed and this terminal has verified.
CREATE TABLE signed (
    kind      TEXT PRIMARY KEY,
    version   INTEGER NOT NULL,
    body      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
