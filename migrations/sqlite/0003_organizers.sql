-- Who signs in, who is signed in, and who did what.
CREATE TABLE organizers (
    id            INTEGER PRIMARY KEY,
    public_id     BLOB    NOT NULL UNIQUE,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

-- One row for each browser that is signed in; the cookie's token is kept as SHA-256.
CREATE TABLE sign_ins (
    id           INTEGER PRIMARY KEY,
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    token_hash   BLOB    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_seen    INTEGER NOT NULL
) STRICT;

CREATE INDEX sign_ins_organizer ON sign_ins (organizer_id);

-- The one set-up link that is valid; a new one takes the place of the old one.
CREATE TABLE setup_link (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    token_hash BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Who did what. `subject` and `detail` name things, never people's data.
CREATE TABLE audit_log (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    organizer_id INTEGER REFERENCES organizers (id) ON DELETE SET NULL,
    action       TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    detail       TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_log_organizer ON audit_log (organizer_id);
