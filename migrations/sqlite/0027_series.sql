-- Airings that come again: the days that a rule falls on, made ten ahead.
CREATE TABLE series (
    id         INTEGER PRIMARY KEY,
    public_id  BLOB NOT NULL UNIQUE,
    webcast_id INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    -- What each airing takes from it, and how they come again.
    rule       TEXT NOT NULL,
    zone       TEXT NOT NULL,
    -- Days as 2026-12-04: the last one that it may fall on, and up to which its airings are made.
    until      TEXT,
    made_until TEXT,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX series_webcast ON series (webcast_id);

CREATE TABLE series_exceptions (
    series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    day       TEXT NOT NULL,
    PRIMARY KEY (series_id, day)
) STRICT;

-- Which day of which series a session stands for, wherever it was moved to since.
ALTER TABLE sessions ADD COLUMN series_id INTEGER REFERENCES series (id) ON DELETE SET NULL;
ALTER TABLE sessions ADD COLUMN series_day TEXT;
CREATE UNIQUE INDEX sessions_series ON sessions (series_id, series_day) WHERE series_id IS NOT NULL;
