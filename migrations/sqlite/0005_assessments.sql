-- One respondent's view of a partnership. Nothing here tells who it was.
CREATE TABLE assessments (
    id               INTEGER NOT NULL PRIMARY KEY,
    public_id        BLOB  NOT NULL UNIQUE,
    -- Raised to make the links shown to others stop working.
    view_generation  INTEGER NOT NULL DEFAULT 0,
    -- The first of a row of repeats; empty for the first itself.
    first_id         INTEGER REFERENCES assessments (id) ON DELETE SET NULL,
    relationship     TEXT    NOT NULL,
    customer_side    TEXT,
    us               TEXT    NOT NULL,
    partner          TEXT    NOT NULL,
    language         TEXT    NOT NULL DEFAULT 'en',
    -- Eight letters each, our side's four first: 0 to 4, d for "don't know", - for nothing.
    answers_risk      TEXT   NOT NULL DEFAULT '--------',
    answers_resources TEXT   NOT NULL DEFAULT '--------',
    answers_rewards   TEXT   NOT NULL DEFAULT '--------',
    answers_vision    TEXT   NOT NULL DEFAULT '--------',
    answers_values    TEXT   NOT NULL DEFAULT '--------',
    -- Asked once and not scored.
    progress         TEXT,
    again            TEXT,
    purpose          TEXT,
    -- While it is a draft: pages answered faster than anybody reads, one bit each.
    hurried          INTEGER NOT NULL DEFAULT 0,
    -- The gentle question was asked.
    asked_again      INTEGER NOT NULL DEFAULT 0 CHECK (asked_again IN (0, 1)),
    in_benchmark     INTEGER NOT NULL DEFAULT 0 CHECK (in_benchmark IN (0, 1)),
    -- Sample data of the demo.
    sample           INTEGER NOT NULL DEFAULT 0 CHECK (sample IN (0, 1)),
    -- Part of a report that others saw: it changes no more.
    frozen           INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),
    created_at       INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL,
    finished_at      INTEGER,
    -- Erased from then on.
    keep_until       INTEGER NOT NULL
) STRICT;

CREATE INDEX assessments_expiring ON assessments (keep_until);
CREATE INDEX assessments_repeats ON assessments (first_id) WHERE first_id IS NOT NULL;

-- The figures of a finished assessment, 0 to 100, in full precision; empty where a factor could not be scored.
CREATE TABLE assessment_results (
    assessment_id     INTEGER NOT NULL PRIMARY KEY REFERENCES assessments (id) ON DELETE CASCADE,
    item_bank_version INTEGER NOT NULL,
    scoring_version   INTEGER NOT NULL,
    index_score       REAL,
    level_score       REAL,
    score_risk        REAL,
    score_resources   REAL,
    score_rewards     REAL,
    score_vision      REAL,
    score_values      REAL,
    weakest           TEXT,
    -- The same answer everywhere, or faster than anybody reads.
    careless          INTEGER NOT NULL DEFAULT 0 CHECK (careless IN (0, 1)),
    -- The index that the benchmark counts for it; empty while it is not counted.
    counted           INTEGER
) STRICT;

-- Started and finished, by week (its Monday, days since 1970) and type. Numbers only; they stay.
CREATE TABLE assessment_counts (
    week         INTEGER NOT NULL,
    relationship TEXT    NOT NULL,
    started      INTEGER NOT NULL DEFAULT 0,
    finished     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (week, relationship)
) STRICT;

-- What became of invitations, in numbers that stay.
CREATE TABLE assessment_outcomes (
    outcome TEXT    NOT NULL PRIMARY KEY,
    count   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One partner asks the other for its view. Where a mail was asked for, the address is in the outbox only; its keyed
-- hash stays, so that nobody is asked twice.
CREATE TABLE assessment_invitations (
    id              INTEGER NOT NULL PRIMARY KEY,
    public_id       BLOB  NOT NULL UNIQUE,
    inviter_id      INTEGER NOT NULL REFERENCES assessments (id) ON DELETE CASCADE,
    guest_id        INTEGER REFERENCES assessments (id) ON DELETE SET NULL,
    inviter_name    TEXT    NOT NULL DEFAULT '',
    address_hash    BLOB,
    state           TEXT    NOT NULL,
    -- Both must share before anybody sees anything.
    inviter_shares  INTEGER NOT NULL DEFAULT 0 CHECK (inviter_shares IN (0, 1)),
    guest_shares    INTEGER NOT NULL DEFAULT 0 CHECK (guest_shares IN (0, 1)),
    inviter_purpose INTEGER NOT NULL DEFAULT 0 CHECK (inviter_purpose IN (0, 1)),
    guest_purpose   INTEGER NOT NULL DEFAULT 0 CHECK (guest_purpose IN (0, 1)),
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    revealed_at     INTEGER
) STRICT;

CREATE INDEX assessment_invitations_inviter ON assessment_invitations (inviter_id);
CREATE INDEX assessment_invitations_guest ON assessment_invitations (guest_id) WHERE guest_id IS NOT NULL;

-- "Never write to me again": a keyed hash of the address, not the address.
CREATE TABLE assessment_refusals (
    address_hash BLOB  NOT NULL PRIMARY KEY,
    created_at   INTEGER NOT NULL
) STRICT;

-- Several people answer for each side.
CREATE TABLE assessment_rounds (
    id            INTEGER NOT NULL PRIMARY KEY,
    public_id     BLOB  NOT NULL UNIQUE,
    previous_id   INTEGER REFERENCES assessment_rounds (id) ON DELETE SET NULL,
    number        INTEGER NOT NULL DEFAULT 1,
    relationship  TEXT    NOT NULL,
    customer_side TEXT,
    us            TEXT    NOT NULL,
    partner       TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    closed_at     INTEGER,
    keep_until    INTEGER NOT NULL
) STRICT;

CREATE INDEX assessment_rounds_expiring ON assessment_rounds (keep_until);

-- One respondent's place in a round; its link works once.
CREATE TABLE assessment_seats (
    id            INTEGER NOT NULL PRIMARY KEY,
    public_id     BLOB  NOT NULL UNIQUE,
    round_id      INTEGER NOT NULL REFERENCES assessment_rounds (id) ON DELETE CASCADE,
    side          TEXT    NOT NULL,
    assessment_id INTEGER UNIQUE REFERENCES assessments (id) ON DELETE SET NULL,
    -- The day, not the moment.
    used_at       INTEGER,
    -- The name to be shown where few answered; only with agreement.
    name          TEXT,
    -- It counted in a closed round and was erased since: that side's result is gone.
    withdrawn     INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1))
) STRICT;

CREATE INDEX assessment_seats_of_round ON assessment_seats (round_id);

-- The published benchmark of each type: how many results stand at each index from 0 to 100.
CREATE TABLE assessment_benchmarks (
    relationship TEXT    NOT NULL PRIMARY KEY,
    histogram    TEXT    NOT NULL,
    sample       INTEGER NOT NULL DEFAULT 0 CHECK (sample IN (0, 1)),
    built_at     INTEGER NOT NULL
) STRICT;

-- Somebody wants to talk about a result and said who they are.
CREATE TABLE assessment_talks (
    id            INTEGER NOT NULL PRIMARY KEY,
    public_id     BLOB  NOT NULL UNIQUE,
    assessment_id INTEGER NOT NULL UNIQUE REFERENCES assessments (id) ON DELETE CASCADE,
    contact_id    INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    name          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX assessment_talks_contact ON assessment_talks (contact_id);
