-- A person: one row per normalised address.
CREATE TABLE contacts (
    id            INTEGER NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    confirmed_at  INTEGER,
    -- Mails that repeated posts caused, in the day that began at repeats_since.
    repeats       INTEGER NOT NULL DEFAULT 0,
    repeats_since INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE webcasts (
    id          INTEGER NOT NULL PRIMARY KEY,
    public_id   BLOB    NOT NULL UNIQUE,
    slug        TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    summary     TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE speakers (
    id         INTEGER NOT NULL PRIMARY KEY,
    webcast_id INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    bio        TEXT    NOT NULL,
    UNIQUE (webcast_id, position)
) STRICT;

-- One airing of a webcast. seats_taken is kept only where there is a capacity: a row that every
-- registration writes would make them wait for each other.
CREATE TABLE sessions (
    id          INTEGER NOT NULL PRIMARY KEY,
    public_id   BLOB    NOT NULL UNIQUE,
    webcast_id  INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    starts_at   INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL CHECK (ends_at > starts_at),
    time_zone   TEXT    NOT NULL,
    join_url    TEXT,
    replay_url  TEXT,
    capacity    INTEGER CHECK (capacity > 0),
    seats_taken INTEGER NOT NULL DEFAULT 0,
    state       TEXT    NOT NULL,
    -- Part of the calendar's SEQUENCE; the registration's own is added.
    sequence    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_of_webcast ON sessions (webcast_id, starts_at);

-- A contact's seat. One per contact and webcast; changing the session keeps it.
CREATE TABLE registrations (
    id              INTEGER NOT NULL PRIMARY KEY,
    public_id       BLOB    NOT NULL UNIQUE,
    link_generation INTEGER NOT NULL DEFAULT 0,
    contact_id      INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    webcast_id      INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    session_id      INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    calendar_uid    TEXT    NOT NULL,
    sequence        INTEGER NOT NULL DEFAULT 0,
    time_zone       TEXT,
    locale          TEXT,
    utm_source      TEXT,
    utm_medium      TEXT,
    utm_campaign    TEXT,
    utm_term        TEXT,
    utm_content     TEXT,
    referrer        TEXT,
    channel         TEXT    NOT NULL,
    consent_at      INTEGER,
    consent_version TEXT,
    -- What a later post said differently, as JSON, until its owner applies it.
    wanted          TEXT,
    repeated_at     INTEGER,
    opened_at       INTEGER,
    created_at      INTEGER NOT NULL,
    cancelled_at    INTEGER,
    cancel_reason   TEXT,
    UNIQUE (contact_id, webcast_id)
) STRICT;

CREATE INDEX registrations_of_session ON registrations (session_id, id);
CREATE INDEX registrations_of_webcast ON registrations (webcast_id, id);

-- When somebody was there, and how we know.
CREATE TABLE attendance (
    id              INTEGER NOT NULL PRIMARY KEY,
    registration_id INTEGER NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
    session_id      INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    source          TEXT    NOT NULL,
    from_at         INTEGER NOT NULL,
    to_at           INTEGER
) STRICT;

CREATE INDEX attendance_of_registration ON attendance (registration_id, from_at);
CREATE INDEX attendance_of_session ON attendance (session_id, registration_id);

-- Work that touches many seats, expanded a few hundred at a time.
CREATE TABLE fan_outs (
    id                 INTEGER NOT NULL PRIMARY KEY,
    session_id         INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    previous_starts_at INTEGER NOT NULL,
    after_registration INTEGER NOT NULL DEFAULT 0,
    created_at         INTEGER NOT NULL
) STRICT;

CREATE TABLE whitepapers (
    id          INTEGER NOT NULL PRIMARY KEY,
    public_id   BLOB    NOT NULL UNIQUE,
    slug        TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    summary     TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- One PDF file of a whitepaper. The newest one is sent.
CREATE TABLE editions (
    id            INTEGER NOT NULL PRIMARY KEY,
    public_id     BLOB    NOT NULL UNIQUE,
    whitepaper_id INTEGER NOT NULL REFERENCES whitepapers (id) ON DELETE CASCADE,
    file_name     TEXT    NOT NULL,
    size          INTEGER NOT NULL,
    sha256        BLOB    NOT NULL,
    pages         INTEGER,
    -- Lines of "page<TAB>title".
    contents      TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX editions_of_whitepaper ON editions (whitepaper_id, id);

CREATE TABLE edition_chunks (
    edition_id INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    data       BLOB    NOT NULL,
    PRIMARY KEY (edition_id, position)
) STRICT, WITHOUT ROWID;

-- Pages of an edition as pictures: the cover first.
CREATE TABLE edition_pictures (
    edition_id INTEGER NOT NULL REFERENCES editions (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    media_type TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    alt        TEXT    NOT NULL,
    data       BLOB    NOT NULL,
    PRIMARY KEY (edition_id, position)
) STRICT;

-- A contact asked for a whitepaper.
CREATE TABLE requests (
    id               INTEGER NOT NULL PRIMARY KEY,
    public_id        BLOB    NOT NULL UNIQUE,
    link_generation  INTEGER NOT NULL DEFAULT 0,
    contact_id       INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    whitepaper_id    INTEGER NOT NULL REFERENCES whitepapers (id) ON DELETE CASCADE,
    name             TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    time_zone        TEXT,
    locale           TEXT,
    utm_source       TEXT,
    utm_medium       TEXT,
    utm_campaign     TEXT,
    utm_term         TEXT,
    utm_content      TEXT,
    referrer         TEXT,
    channel          TEXT    NOT NULL,
    consent_at       INTEGER,
    consent_version  TEXT,
    times            INTEGER NOT NULL DEFAULT 1,
    -- When the paper itself was last put into the outbox, and when the last repeat was.
    mailed_at        INTEGER,
    repeated_at      INTEGER,
    -- Until when the personal link works.
    link_until       INTEGER NOT NULL,
    downloads        INTEGER NOT NULL DEFAULT 0,
    last_download_at INTEGER,
    created_at       INTEGER NOT NULL,
    UNIQUE (contact_id, whitepaper_id)
) STRICT;

CREATE INDEX requests_of_whitepaper ON requests (whitepaper_id, id);

-- A registration with whose it is and what it is for: what pages and mails about a seat need.
CREATE VIEW seats AS
SELECT r.id,
       r.public_id,
       r.link_generation,
       r.contact_id,
       c.email,
       c.confirmed_at,
       r.name,
       r.state,
       r.calendar_uid,
       r.sequence,
       r.time_zone,
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
       s.join_url,
       s.replay_url,
       s.capacity,
       s.seats_taken,
       s.state      AS session_state,
       s.sequence   AS session_sequence
  FROM registrations r
  JOIN contacts c ON c.id = r.contact_id
  JOIN webcasts w ON w.id = r.webcast_id
  JOIN sessions s ON s.id = r.session_id;

-- A paper with its newest edition.
CREATE VIEW papers AS
SELECT w.id,
       w.slug,
       w.title,
       w.summary,
       w.description,
       e.id        AS edition_id,
       e.public_id AS edition_public_id,
       e.file_name,
       e.size,
       e.pages,
       e.contents
  FROM whitepapers w
  LEFT JOIN editions e ON e.id = (SELECT MAX(newest.id) FROM editions newest WHERE newest.whitepaper_id = w.id);

-- A request with whose it is and what it is for.
CREATE VIEW paper_requests AS
SELECT r.id,
       r.public_id,
       r.link_generation,
       r.contact_id,
       c.email,
       c.confirmed_at,
       r.name,
       r.state,
       r.times,
       r.mailed_at,
       r.repeated_at,
       r.link_until,
       r.whitepaper_id,
       w.slug,
       w.title
  FROM requests r
  JOIN contacts c ON c.id = r.contact_id
  JOIN whitepapers w ON w.id = r.whitepaper_id;
