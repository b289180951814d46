-- The organizers' averages of each type, as of their last count: what lies between two counts is seen by nobody.
CREATE TABLE assessment_averages (
    relationship TEXT    NOT NULL PRIMARY KEY,
    -- JSON: results, means and spreads.
    averages     TEXT    NOT NULL,
    sample       INTEGER NOT NULL DEFAULT 0 CHECK (sample IN (0, 1)),
    built_at     INTEGER NOT NULL
) STRICT;
