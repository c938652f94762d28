-- Every edition of the rules that was in force here, so that any passage can be decided again by its own.
CREATE TABLE past_rules (
    version   INTEGER PRIMARY KEY,
    body      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
INSERT INTO past_rules SELECT version, body, signature FROM signed WHERE kind = 'rules';
