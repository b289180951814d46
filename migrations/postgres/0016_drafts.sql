-- A webcast is written before anybody sees it. Those that are there are published.
ALTER TABLE webcasts ADD COLUMN state TEXT NOT NULL DEFAULT 'published';
-- Tells one state of its text from the next.
ALTER TABLE webcasts ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
-- What is written for a page that everybody sees, and that nobody sees yet.
CREATE TABLE webcast_drafts (
    webcast_id BIGINT NOT NULL PRIMARY KEY REFERENCES webcasts (id) ON DELETE CASCADE,
    content    TEXT    NOT NULL, -- JSON
    changed_by BIGINT REFERENCES organizers (id) ON DELETE SET NULL,
    changed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
-- Addresses that pages had: they lead to the one of today, and no other page gets them.
CREATE TABLE old_slugs (
    kind       TEXT    NOT NULL, -- webcast
    slug       TEXT    NOT NULL,
    subject_id BIGINT NOT NULL,
    PRIMARY KEY (kind, slug)
);
-- Why a session was called off: one sentence for those who were registered.
ALTER TABLE sessions ADD COLUMN reason TEXT;

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
       r.state,
       r.held_until,
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
       s.reason     AS session_reason
  FROM registrations r
  JOIN contacts c ON c.id = r.contact_id
  JOIN webcasts w ON w.id = r.webcast_id
  JOIN sessions s ON s.id = r.session_id;
