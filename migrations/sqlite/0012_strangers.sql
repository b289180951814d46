-- What strangers may cost, see and say.

-- One network takes a share of a session's places while its addresses are not confirmed: a keyed hash of the network,
-- for two days at most.
ALTER TABLE registrations ADD COLUMN network BLOB;
-- Until when the owner of the address can take the place that is held back; NULL: an organizer looks at it.
ALTER TABLE registrations ADD COLUMN held_until INTEGER;
CREATE INDEX registrations_of_network ON registrations (session_id, network) WHERE network IS NOT NULL;
CREATE INDEX registrations_held ON registrations (id) WHERE state = 'held';
-- Posts an hour from one network; NULL: the usual number.
ALTER TABLE webcasts ADD COLUMN network_limit INTEGER;
-- In percent; NULL: half.
ALTER TABLE sessions ADD COLUMN unconfirmed_share INTEGER;

-- What a program may have posted takes no place any more.
UPDATE registrations SET state = 'held' WHERE state = 'pending';
UPDATE requests SET state = 'held' WHERE state = 'pending';
UPDATE sessions
   SET seats_taken = (SELECT COUNT(*) FROM registrations r WHERE r.session_id = sessions.id AND r.state = 'registered')
 WHERE capacity IS NOT NULL;
CREATE INDEX requests_held ON requests (id) WHERE state = 'held';

-- Where somebody signed in from: keyed hashes. A sign-in from elsewhere is told to them.
CREATE TABLE known_networks (
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    network_hash BLOB    NOT NULL,
    seen_at      INTEGER NOT NULL,
    PRIMARY KEY (organizer_id, network_hash)
) STRICT, WITHOUT ROWID;
-- When somebody who runs this server let the account be tried again.
ALTER TABLE organizers ADD COLUMN unlocked_at INTEGER;

-- The name that the owner of an address has gone on under, on a page that showed it. Any other one is a stranger's.
ALTER TABLE contacts ADD COLUMN own_name TEXT;

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
       s.sequence   AS session_sequence
  FROM registrations r
  JOIN contacts c ON c.id = r.contact_id
  JOIN webcasts w ON w.id = r.webcast_id
  JOIN sessions s ON s.id = r.session_id;

DROP VIEW paper_requests;
CREATE VIEW paper_requests AS
SELECT r.id,
       r.public_id,
       r.link_generation,
       r.contact_id,
       c.email,
       c.confirmed_at,
       c.own_name,
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
