-- Who may come to a webcast: anybody, who knows a code, or who is on a list; and whether from a firm's address alone.
ALTER TABLE webcasts ADD COLUMN guests TEXT NOT NULL DEFAULT 'anybody';
ALTER TABLE webcasts ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE webcasts ADD COLUMN business_only INTEGER NOT NULL DEFAULT 0;
-- Posts by those who are on no list: a number, no person.
ALTER TABLE webcasts ADD COLUMN turned_away INTEGER NOT NULL DEFAULT 0;

CREATE TABLE invited (
    webcast_id  INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    address_key TEXT NOT NULL,
    PRIMARY KEY (webcast_id, address_key)
) STRICT;
CREATE INDEX invited_address ON invited (address_key);

-- Domains that a webcast takes no address of, besides those that give anybody one.
CREATE TABLE blocked_domains (
    webcast_id  INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    domain      TEXT NOT NULL,
    PRIMARY KEY (webcast_id, domain)
) STRICT;
