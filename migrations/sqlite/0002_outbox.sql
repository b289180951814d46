-- Mail that is owed. A row says what the mail is about, never its body: that is written when it is sent.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    priority    INTEGER NOT NULL,
    dedupe_key  TEXT    NOT NULL UNIQUE, -- <kind>:<public id>:<generation>; also its name in addresses and commands
    recipient   TEXT    NOT NULL,
    subject_id  INTEGER NOT NULL,        -- the row of the feature that the mail is about
    params      TEXT    NOT NULL,        -- JSON, for the feature
    message_id  TEXT    NOT NULL,        -- what stands before the @
    created_at  INTEGER NOT NULL,        -- also its Date
    next_at     INTEGER NOT NULL,        -- not before
    deadline    INTEGER,                 -- not after, whatever happens (the session has begun)
    state       TEXT    NOT NULL DEFAULT 'queued',
    attempts    INTEGER NOT NULL DEFAULT 0,
    ambiguous   INTEGER NOT NULL DEFAULT 0, -- how often it may have been taken without our knowing
    as_link     INTEGER NOT NULL DEFAULT 0 CHECK (as_link IN (0, 1)), -- the relay found the attachment too large
    lease       INTEGER,                 -- the claim that holds it
    lease_until INTEGER,
    last_code   INTEGER,
    last_reply  TEXT,                    -- the server's words, without addresses
    ended_at    INTEGER                  -- for a mail that was sent: when the relay took it
) STRICT;

CREATE INDEX outbox_due ON outbox (priority, next_at) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'sending';
CREATE INDEX outbox_troubled ON outbox (id) WHERE state IN ('failed', 'unknown', 'held');
CREATE INDEX outbox_subject ON outbox (subject_id);

-- Addresses that must not get mail, or not every mail.
CREATE TABLE suppressions (
    id          INTEGER PRIMARY KEY,
    address_key TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    scope       TEXT    NOT NULL DEFAULT '', -- a webcast's public id, or empty for all
    created_at  INTEGER NOT NULL,
    until       INTEGER,
    detail      TEXT    NOT NULL DEFAULT '',
    mail_id     INTEGER,                     -- the mail that bounced
    UNIQUE (address_key, reason, scope)
) STRICT;
