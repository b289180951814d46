-- The organizers' averages of each type, as of their last count: what lies between two counts is seen by nobody.
CREATE TABLE assessment_averages (
    relationship TEXT    NOT NULL PRIMARY KEY,
    -- JSON: results, means and spreads.
    averages     TEXT    NOT NULL,
    sample       BOOLEAN NOT NULL DEFAULT FALSE,
    built_at     BIGINT  NOT NULL
);
