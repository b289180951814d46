-- What a webcast says besides its description: points to take away, and what happens when. JSON.
ALTER TABLE webcasts ADD COLUMN takeaways TEXT NOT NULL DEFAULT '[]';
ALTER TABLE webcasts ADD COLUMN agenda TEXT NOT NULL DEFAULT '[]';
