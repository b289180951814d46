-- What is seen of a webcast before it is read, and its title where it is shared.
ALTER TABLE webcasts ADD COLUMN cover TEXT NOT NULL DEFAULT '';
ALTER TABLE webcasts ADD COLUMN share_title TEXT NOT NULL DEFAULT '';
