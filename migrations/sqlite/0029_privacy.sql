-- What is kept of people, and how it goes.

-- Whom was erased: a keyed hash of the address, so that no import brings them back, and that it can be done once more after
-- an older backup was restored. Only numbers of what went.
CREATE TABLE erasures (
    fingerprint BLOB    NOT NULL PRIMARY KEY,
    erased_at   INTEGER NOT NULL,
    by_whom     TEXT    NOT NULL, -- organizer, visitor, command line, retention
    counts      TEXT    NOT NULL  -- JSON
) STRICT, WITHOUT ROWID;

-- Two people who were one: the page of the one that went leads to the other, and so do personal links.
CREATE TABLE merges (
    from_public_id  BLOB    NOT NULL PRIMARY KEY,
    contact_id      INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    at              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX merges_contact ON merges (contact_id);
CREATE TABLE merged_registrations (
    public_id       BLOB    NOT NULL PRIMARY KEY,
    link_generation INTEGER NOT NULL,
    registration_id INTEGER NOT NULL REFERENCES registrations (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_registrations_into ON merged_registrations (registration_id);
CREATE TABLE merged_requests (
    public_id       BLOB    NOT NULL PRIMARY KEY,
    link_generation INTEGER NOT NULL,
    request_id      INTEGER NOT NULL REFERENCES requests (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_requests_into ON merged_requests (request_id);

-- How long what is kept, by kind; a kind that does not stand here is kept.
CREATE TABLE retention (
    kind       TEXT    NOT NULL PRIMARY KEY,
    days       INTEGER NOT NULL,
    is_on      INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Texts that organizers write in place of ours, as Markdown.
CREATE TABLE texts (
    key        TEXT    NOT NULL PRIMARY KEY, -- imprint, privacy
    markdown   TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    changed_by INTEGER REFERENCES organizers (id) ON DELETE SET NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every wording of a consent that anybody may have read; the newest one is asked.
CREATE TABLE consent_texts (
    version    TEXT    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
