-- Facts about this installation: its secret key, markers of what was done once.
CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
