-- Who gets a place: at once, when an organizer says so, or in turn.
ALTER TABLE sessions ADD COLUMN waiting_list TEXT NOT NULL DEFAULT 'off';
ALTER TABLE sessions ADD COLUMN offer_minutes BIGINT NOT NULL DEFAULT 1440;
ALTER TABLE sessions ADD COLUMN approval BIGINT NOT NULL DEFAULT 0;
-- Since when somebody waits, and until when a place is offered to them.
ALTER TABLE registrations ADD COLUMN queue_at BIGINT;
ALTER TABLE registrations ADD COLUMN offer_until BIGINT;
CREATE INDEX registrations_queue ON registrations (session_id, queue_at, id) WHERE state = 'waitlisted';
CREATE INDEX registrations_offered ON registrations (offer_until) WHERE state = 'offered';
CREATE INDEX registrations_pending ON registrations (session_id, id) WHERE state = 'pending';

-- Places that were given back lately: they go on to whoever waits a little later, so that it can be undone.
CREATE TABLE freed_places (
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    freed_at   BIGINT NOT NULL
);
CREATE INDEX freed_places_session ON freed_places (session_id, freed_at);

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
