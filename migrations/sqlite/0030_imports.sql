-- Lists and reports that came from elsewhere. The table itself stays until it is imported, rows that were not taken for a week.
CREATE TABLE imports (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL, -- people, registrations, zoom, teams, goto
    file_name    TEXT    NOT NULL,
    mapping      TEXT    NOT NULL, -- JSON: which of its columns is which of ours
    choices      TEXT    NOT NULL, -- JSON: where to, which clock, who is told
    state        TEXT    NOT NULL, -- read, going, done, undoing, undone, emptied, failed
    after_line   INTEGER NOT NULL DEFAULT 0,
    new_rows     INTEGER NOT NULL DEFAULT 0,
    known_rows   INTEGER NOT NULL DEFAULT 0,
    bad_rows     INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    keep_until   INTEGER NOT NULL,
    undo_until   INTEGER
) STRICT;
CREATE INDEX imports_organizer ON imports (organizer_id, id);
CREATE INDEX imports_keep_until ON imports (keep_until);
-- The table as CSV, in pieces.
CREATE TABLE import_parts (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    data      BLOB    NOT NULL,
    PRIMARY KEY (import_id, position)
) STRICT, WITHOUT ROWID;
-- Rows that were not taken, and why.
CREATE TABLE import_rows (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    line      INTEGER NOT NULL,
    cells     TEXT    NOT NULL, -- JSON
    reason    TEXT    NOT NULL,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;
-- Whom it put in, and what of theirs, for as long as it can be undone.
CREATE TABLE import_made (
    import_id       INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    contact_id      INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    is_new          INTEGER NOT NULL,
    registration_id INTEGER,
    PRIMARY KEY (import_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_made_contact ON import_made (contact_id);

-- A video service's own way in for one person.
CREATE TABLE seat_links (
    registration_id INTEGER NOT NULL PRIMARY KEY REFERENCES registrations (id) ON DELETE CASCADE,
    join_url        TEXT    NOT NULL
) STRICT;

ALTER TABLE attendance ADD COLUMN import_id INTEGER REFERENCES imports (id) ON DELETE SET NULL;
CREATE INDEX attendance_import ON attendance (import_id) WHERE import_id IS NOT NULL;
-- Who was there and is nobody that we know of.
CREATE TABLE attendance_unmatched (
    id         INTEGER NOT NULL PRIMARY KEY,
    public_id  BLOB    NOT NULL UNIQUE,
    import_id  INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL, -- folded
    email      TEXT    NOT NULL, -- '': the report has none
    email_key  TEXT    NOT NULL,
    stays      TEXT    NOT NULL  -- JSON: pairs of microseconds
) STRICT;
CREATE INDEX attendance_unmatched_import ON attendance_unmatched (import_id, id);
CREATE INDEX attendance_unmatched_email ON attendance_unmatched (email_key);
-- Who goes by which other name or address in a webcast's reports, as an organizer said.
CREATE TABLE attendance_aliases (
    webcast_id INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    alias      TEXT    NOT NULL, -- the key of an address, or a folded name
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (webcast_id, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX attendance_aliases_contact ON attendance_aliases (contact_id);

DROP VIEW seats;
CREATE VIEW seats AS
SELECT r.id,
       r.public_id,
       r.link_generation,
       r.contact_id,
       c.email,
       c.confirmed_at,
       c.own_name,
       r.name,
       r.first_name,
       r.last_name,
       r.company,
       r.job_title,
       r.phone,
       r.country,
       r.state,
       r.held_until,
       r.offer_until,
       r.calendar_uid,
       r.sequence,
       r.time_zone,
       r.locale,
       r.channel,
       r.consent_at,
       r.wanted,
       r.repeated_at,
       r.created_at,
       r.webcast_id,
       w.slug,
       w.title,
       r.session_id,
       s.public_id  AS session_public_id,
       s.starts_at,
       s.ends_at,
       s.time_zone  AS session_time_zone,
       COALESCE(k.join_url, s.join_url) AS join_url,
       s.replay_url,
       s.capacity,
       s.seats_taken,
       s.unconfirmed_share,
       s.state      AS session_state,
       s.sequence   AS session_sequence,
       s.reason     AS session_reason,
       s.doors_open_at,
       s.opens_at,
       s.closes_at,
       s.waiting_list,
       s.offer_minutes,
       s.approval,
       EXISTS (SELECT 1 FROM registrations q WHERE q.session_id = s.id AND q.state = 'waitlisted') AS has_queue
  FROM registrations r
  JOIN contacts c ON c.id = r.contact_id
  JOIN webcasts w ON w.id = r.webcast_id
  JOIN sessions s ON s.id = r.session_id
  LEFT JOIN seat_links k ON k.registration_id = r.id;
