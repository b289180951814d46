-- How one webcast goes; and whether somebody has looked at its first mail before it is published.
CREATE INDEX tallies_webcast ON tallies (webcast_id, day);
ALTER TABLE webcasts ADD COLUMN confirmation_seen BIGINT NOT NULL DEFAULT 0;
