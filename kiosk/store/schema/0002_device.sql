-- What each device has done in its life at this terminal, over all runs of the program.
CREATE TABLE device (
    name          TEXT NOT NULL,
    driver        TEXT NOT NULL,
    since         TEXT NOT NULL,
    good          INTEGER NOT NULL,
    errors        INTEGER NOT NULL,
    opened        INTEGER NOT NULL,
    cycles        INTEGER NOT NULL,
    ready_seconds REAL NOT NULL,
    PRIMARY KEY (name, driver)
) STRICT;
