-- Lists at a million rows. What became of a registration stands on it; `attendance` holds the times that it comes from.
ALTER TABLE registrations ADD COLUMN attendance TEXT NOT NULL DEFAULT 'unknown'; -- attended, replay_only, no_show, unknown
ALTER TABLE registrations ADD COLUMN first_join INTEGER;
ALTER TABLE registrations ADD COLUMN last_leave INTEGER;
ALTER TABLE registrations ADD COLUMN minutes INTEGER;
ALTER TABLE registrations ADD COLUMN replay_at INTEGER;
UPDATE registrations
   SET first_join = (SELECT MIN(a.from_at) FROM attendance a
                      WHERE a.registration_id = registrations.id AND a.session_id = registrations.session_id
                        AND a.source <> 'replay'),
       replay_at = (SELECT MIN(a.from_at) FROM attendance a
                     WHERE a.registration_id = registrations.id AND a.session_id = registrations.session_id
                       AND a.source = 'replay')
 WHERE id IN (SELECT registration_id FROM attendance);
UPDATE registrations
   SET attendance = CASE WHEN first_join IS NOT NULL THEN 'attended' ELSE 'replay_only' END
 WHERE first_join IS NOT NULL OR replay_at IS NOT NULL;
-- Whether those who were not seen are noted as absent: a day after the end.
ALTER TABLE sessions ADD COLUMN absence_noted INTEGER NOT NULL DEFAULT 0;

-- One index for all that is asked of a session's registrations.
CREATE INDEX registrations_standing ON registrations (session_id, state, attendance, id);
DROP INDEX registrations_held;
DROP INDEX registrations_pending;
DROP INDEX registrations_cancelled_of_session;
CREATE INDEX registrations_source ON registrations (webcast_id, (COALESCE(NULLIF(utm_source, ''), referrer, '')), id)
    WHERE COALESCE(NULLIF(utm_source, ''), referrer, '') <> '';

-- The name as lists are sorted by it; kept with the words. That of those who are there already is put right, a few at a
-- time, where there is more to it than small letters.
ALTER TABLE contacts ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';
CREATE INDEX contacts_sort_name ON contacts (sort_name, id);
UPDATE contacts SET sort_name = lower(name);

-- Lists that organizers look at again: what stands behind the question mark of their address.
CREATE TABLE saved_views (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    place        TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    query        TEXT    NOT NULL,
    shared       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (organizer_id, place, name)
) STRICT;
CREATE INDEX saved_views_shared ON saved_views (place) WHERE shared = 1;
-- The columns that somebody chose for a list or a file.
CREATE TABLE chosen_columns (
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    place        TEXT    NOT NULL,
    columns      TEXT    NOT NULL,
    PRIMARY KEY (organizer_id, place)
) STRICT, WITHOUT ROWID;

-- What was done to many rows of a list at once: worked off a few hundred at a time.
CREATE TABLE bulk_acts (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL,
    place        TEXT    NOT NULL, -- the list
    chosen       TEXT    NOT NULL, -- JSON: which of its rows
    word         TEXT    NOT NULL, -- what goes with it: a tag
    after_row    INTEGER NOT NULL DEFAULT 0,
    done         INTEGER NOT NULL DEFAULT 0,
    left_alone   INTEGER NOT NULL DEFAULT 0,
    state        TEXT    NOT NULL, -- going, done, undoing, undone
    created_at   INTEGER NOT NULL,
    undo_until   INTEGER
) STRICT;
CREATE INDEX bulk_acts_undo_until ON bulk_acts (undo_until);
-- The rows that it changed, for as long as it can be undone.
CREATE TABLE bulk_rows (
    bulk_id INTEGER NOT NULL REFERENCES bulk_acts (id) ON DELETE CASCADE,
    row_id  INTEGER NOT NULL,
    PRIMARY KEY (bulk_id, row_id)
) STRICT, WITHOUT ROWID;

-- Files that were asked for. Those that are written beside the pages stay for a day, for whoever asked.
CREATE TABLE export_files (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    list         TEXT    NOT NULL, -- attendees, requests, people
    query        TEXT    NOT NULL, -- as in the address of the file
    name         TEXT    NOT NULL,
    state        TEXT    NOT NULL, -- waiting, done, failed
    expected     INTEGER NOT NULL,
    rows         INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    file         TEXT,             -- in the directory of such files; none: it was sent at once
    problem      TEXT,
    created_at   INTEGER NOT NULL,
    keep_until   INTEGER NOT NULL
) STRICT;
CREATE INDEX export_files_organizer ON export_files (organizer_id, id);
CREATE INDEX export_files_keep_until ON export_files (keep_until);
