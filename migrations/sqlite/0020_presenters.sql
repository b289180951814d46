-- Pictures from outside, as the helper made them anew.
CREATE TABLE pictures (
    id         INTEGER NOT NULL PRIMARY KEY,
    public_id  BLOB NOT NULL UNIQUE,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    jpeg       BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Those who speak, in whatever webcast.
CREATE TABLE presenters (
    id         INTEGER NOT NULL PRIMARY KEY,
    public_id  BLOB NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    firm       TEXT NOT NULL,
    bio        TEXT NOT NULL,
    picture_id INTEGER REFERENCES pictures (id) ON DELETE SET NULL,
    version    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX presenters_picture ON presenters (picture_id) WHERE picture_id IS NOT NULL;
INSERT INTO presenters (public_id, name, role, firm, bio)
SELECT randomblob(16), n.name, n.role, '', n.bio FROM (SELECT DISTINCT name, role, bio FROM speakers) AS n;

ALTER TABLE speakers RENAME TO old_speakers;
CREATE TABLE speakers (
    webcast_id   INTEGER NOT NULL REFERENCES webcasts (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    presenter_id INTEGER NOT NULL REFERENCES presenters (id) ON DELETE CASCADE,
    PRIMARY KEY (webcast_id, position)
) STRICT;
CREATE INDEX speakers_presenter ON speakers (presenter_id);
INSERT INTO speakers (webcast_id, position, presenter_id)
SELECT o.webcast_id, MIN(o.position), p.id
  FROM old_speakers o JOIN presenters p ON p.name = o.name AND p.role = o.role AND p.bio = o.bio
 GROUP BY o.webcast_id, p.id;
DROP TABLE old_speakers;
