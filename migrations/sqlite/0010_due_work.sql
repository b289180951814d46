-- What the program does by itself, claimed under a lease. `every` NULL: done once, then the row goes.
CREATE TABLE due_work (
    id          INTEGER NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    subject     TEXT    NOT NULL DEFAULT '',
    due_at      INTEGER NOT NULL,
    every       INTEGER,
    params      TEXT    NOT NULL DEFAULT '{}',
    attempts    INTEGER NOT NULL DEFAULT 0,
    lease       INTEGER,
    lease_until INTEGER,
    last_error  TEXT,
    UNIQUE (kind, subject)
) STRICT;
CREATE INDEX due_work_due_at ON due_work (due_at);

-- Changes of sessions that not everybody has been told of yet.
INSERT INTO due_work (kind, subject, due_at) SELECT 'fan_out', CAST(id AS TEXT), created_at FROM fan_outs;
