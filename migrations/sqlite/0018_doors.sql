-- Since when the way into a session is open, where somebody opened it before its time.
ALTER TABLE sessions ADD COLUMN doors_open_at INTEGER;
-- From when until when it takes registrations.
ALTER TABLE sessions ADD COLUMN opens_at INTEGER;
ALTER TABLE sessions ADD COLUMN closes_at INTEGER;

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
       s.reason     AS session_reason,
       s.doors_open_at,
       s.opens_at,
       s.closes_at
  FROM registrations r
  JOIN contacts c ON c.id = r.contact_id
  JOIN webcasts w ON w.id = r.webcast_id
  JOIN sessions s ON s.id = r.session_id;
