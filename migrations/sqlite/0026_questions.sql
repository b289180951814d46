-- What a form asks besides name and address, and what was answered.
ALTER TABLE webcasts ADD COLUMN form_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE whitepapers ADD COLUMN form_version INTEGER NOT NULL DEFAULT 0;

-- Fields of a person, as they were said with a registration or a request; the person takes them over.
ALTER TABLE registrations ADD COLUMN first_name TEXT;
ALTER TABLE registrations ADD COLUMN last_name TEXT;
ALTER TABLE registrations ADD COLUMN company TEXT;
ALTER TABLE registrations ADD COLUMN job_title TEXT;
ALTER TABLE registrations ADD COLUMN phone TEXT;
ALTER TABLE registrations ADD COLUMN country TEXT;
ALTER TABLE requests ADD COLUMN first_name TEXT;
ALTER TABLE requests ADD COLUMN last_name TEXT;
ALTER TABLE requests ADD COLUMN company TEXT;
ALTER TABLE requests ADD COLUMN job_title TEXT;
ALTER TABLE requests ADD COLUMN phone TEXT;
ALTER TABLE requests ADD COLUMN country TEXT;
ALTER TABLE contacts ADD COLUMN first_name TEXT;
ALTER TABLE contacts ADD COLUMN last_name TEXT;
ALTER TABLE contacts ADD COLUMN job_title TEXT;
ALTER TABLE contacts ADD COLUMN phone TEXT;
ALTER TABLE contacts ADD COLUMN country TEXT;

-- Of these fields, those that a form asks for: off, optional, required; the name as a whole or in two.
CREATE TABLE form_fields (
    webcast_id    INTEGER REFERENCES webcasts (id) ON DELETE CASCADE,
    whitepaper_id INTEGER REFERENCES whitepapers (id) ON DELETE CASCADE,
    field         TEXT NOT NULL,
    mode          TEXT NOT NULL,
    UNIQUE (webcast_id, field),
    UNIQUE (whitepaper_id, field)
) STRICT;

-- A question belongs to one form. Its key is never used again there, so a deleted one stays.
CREATE TABLE questions (
    id            INTEGER PRIMARY KEY,
    public_id     BLOB NOT NULL UNIQUE,
    webcast_id    INTEGER REFERENCES webcasts (id) ON DELETE CASCADE,
    whitepaper_id INTEGER REFERENCES whitepapers (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    position      INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    label         TEXT NOT NULL,
    help          TEXT NOT NULL DEFAULT '',
    required      INTEGER NOT NULL DEFAULT 0,
    -- {"live","retired"}, each [{"key","label"}]
    options       TEXT NOT NULL DEFAULT '{"live":[],"retired":[]}',
    -- {"key","is"}: one answer to one earlier question
    asked_if      TEXT,
    -- {"answers","words"}: who answers so cannot come
    ineligible    TEXT,
    deleted_at    INTEGER,
    version       INTEGER NOT NULL DEFAULT 1,
    UNIQUE (webcast_id, key),
    UNIQUE (whitepaper_id, key)
) STRICT;

-- The wordings of a consent, by the question's version: what somebody agreed to can be read for ever.
CREATE TABLE question_wordings (
    question_id INTEGER NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    label       TEXT NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (question_id, version)
) STRICT;

-- One row an answer; of a question with several, a row each.
CREATE TABLE answers (
    id              INTEGER PRIMARY KEY,
    -- A question goes with its form alone, and then so do registrations and requests: no key is looked after here.
    question_id     INTEGER NOT NULL,
    registration_id INTEGER REFERENCES registrations (id) ON DELETE CASCADE,
    request_id      INTEGER REFERENCES requests (id) ON DELETE CASCADE,
    position        INTEGER NOT NULL DEFAULT 0,
    value           TEXT NOT NULL,
    -- For lists and figures: the key of what was chosen; empty for what was written.
    value_key       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX answers_registration ON answers (registration_id, question_id, position)
    WHERE registration_id IS NOT NULL;
CREATE UNIQUE INDEX answers_request ON answers (request_id, question_id, position) WHERE request_id IS NOT NULL;
-- What was written is not found by an index: it would cost every registration more than it is worth.
CREATE INDEX answers_question ON answers (question_id, value_key, registration_id) WHERE value_key <> '';

-- How many a day were ruled out by a question: a number, no person.
CREATE TABLE refusals (
    day         INTEGER NOT NULL,
    question_id INTEGER NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
    count       INTEGER NOT NULL,
    PRIMARY KEY (day, question_id)
) STRICT;

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
       s.join_url,
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
  JOIN sessions s ON s.id = r.session_id;

DROP VIEW papers;
CREATE VIEW papers AS
SELECT w.id,
       w.slug,
       w.title,
       w.summary,
       w.description,
       w.form_version,
       e.id        AS edition_id,
       e.public_id AS edition_public_id,
       e.file_name,
       e.size,
       e.pages,
       e.contents
  FROM whitepapers w
  LEFT JOIN editions e ON e.id = (SELECT MAX(newest.id) FROM editions newest WHERE newest.whitepaper_id = w.id);
