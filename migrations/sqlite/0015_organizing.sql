-- What organizers keep of people, what they do to them, and for how long it can be undone.

ALTER TABLE contacts ADD COLUMN company TEXT;
-- By whom a person was added or corrected last; `version` tells one state from the next.
ALTER TABLE contacts ADD COLUMN changed_at INTEGER;
ALTER TABLE contacts ADD COLUMN changed_by INTEGER REFERENCES organizers (id) ON DELETE SET NULL;
ALTER TABLE contacts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
-- How often their personal links were made anew.
ALTER TABLE contacts ADD COLUMN link_generation INTEGER NOT NULL DEFAULT 0;

-- What people agreed to, by the version of its wording, and when they did or took it back. Rows are only added.
CREATE TABLE consents (
    id         INTEGER NOT NULL PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    purpose    TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    act        TEXT    NOT NULL, -- given, withdrawn
    at         INTEGER NOT NULL,
    source     TEXT    NOT NULL, -- form, page, organizer
    subject    TEXT    NOT NULL  -- the slug of the page it was given on
) STRICT;
CREATE INDEX consents_contact ON consents (contact_id, at);
INSERT INTO consents (contact_id, purpose, version, act, at, source, subject)
SELECT r.contact_id, 'marketing', r.consent_version, 'given', r.consent_at, 'form', w.slug
  FROM registrations r JOIN webcasts w ON w.id = r.webcast_id
 WHERE r.consent_at IS NOT NULL AND r.consent_version IS NOT NULL;
INSERT INTO consents (contact_id, purpose, version, act, at, source, subject)
SELECT r.contact_id, 'marketing', r.consent_version, 'given', r.consent_at, 'form', w.slug
  FROM requests r JOIN whitepapers w ON w.id = r.whitepaper_id
 WHERE r.consent_at IS NOT NULL AND r.consent_version IS NOT NULL;

CREATE TABLE tags (
    id       INTEGER NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    name_key TEXT    NOT NULL UNIQUE -- folded
) STRICT;
CREATE TABLE contact_tags (
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    tag_id     INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (contact_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_tags_tag ON contact_tags (tag_id, contact_id);

CREATE TABLE notes (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    contact_id   INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    organizer_id INTEGER REFERENCES organizers (id) ON DELETE SET NULL,
    author       TEXT    NOT NULL, -- as they were called then
    body         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    -- Deleted, and kept for as long as that can be undone.
    deleted_at   INTEGER
) STRICT;
CREATE INDEX notes_contact ON notes (contact_id, id);
CREATE INDEX notes_deleted ON notes (deleted_at) WHERE deleted_at IS NOT NULL;

-- What can be undone. It names rows, never what stands in them, and goes when its time is over.
CREATE TABLE acts (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    organizer_id INTEGER REFERENCES organizers (id) ON DELETE SET NULL,
    kind         TEXT    NOT NULL,
    subject      TEXT    NOT NULL, -- the page that it was done on
    inverse      TEXT    NOT NULL, -- JSON, for the kind
    mail         TEXT,             -- the mail that tells of it
    created_at   INTEGER NOT NULL,
    undo_until   INTEGER NOT NULL,
    undone_at    INTEGER,
    undone_by    INTEGER REFERENCES organizers (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX acts_undo_until ON acts (undo_until);

-- Until when what needs the password may be done without typing it again.
ALTER TABLE sign_ins ADD COLUMN fresh_until INTEGER;

-- Lists of people by where they stand, and how many of a session do not come. What is held back is counted by session.
DROP INDEX registrations_held;
CREATE INDEX registrations_held ON registrations (session_id, id) WHERE state = 'held';
CREATE INDEX registrations_cancelled ON registrations (id) WHERE state = 'cancelled';
CREATE INDEX registrations_cancelled_of_session ON registrations (session_id) WHERE state = 'cancelled';

-- How many came, by day (counted from 1970), where to, and from where. Added up beside the posts, a moment later; it holds
-- no person and stays when one is erased. 0 stands for no session, '' for no known source.
CREATE TABLE tallies (
    day        INTEGER NOT NULL,
    webcast_id INTEGER NOT NULL,
    session_id INTEGER NOT NULL,
    source     TEXT    NOT NULL,
    registered INTEGER NOT NULL DEFAULT 0,
    attended   INTEGER NOT NULL DEFAULT 0,
    requests   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, webcast_id, session_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX tallies_session ON tallies (session_id);
-- Up to which row of a table it was added up.
CREATE TABLE tallied (
    what  TEXT    NOT NULL PRIMARY KEY,
    up_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
