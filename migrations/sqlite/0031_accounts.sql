-- Accounts: who is let in, what proves who somebody is, and where they are signed in.
ALTER TABLE organizers ADD COLUMN time_zone     TEXT;                       -- their own; none: the organization's
ALTER TABLE organizers ADD COLUMN shortcuts     INTEGER NOT NULL DEFAULT 1; -- keys of the console
ALTER TABLE organizers ADD COLUMN disabled_at   INTEGER;
ALTER TABLE organizers ADD COLUMN totp_secret   BLOB;                       -- sealed; none: no second factor
ALTER TABLE organizers ADD COLUMN totp_step     INTEGER NOT NULL DEFAULT 0; -- of the last code that was used
ALTER TABLE organizers ADD COLUMN totp_at       INTEGER;                    -- since when it is on
ALTER TABLE organizers ADD COLUMN oidc_issuer   TEXT;
ALTER TABLE organizers ADD COLUMN oidc_subject  TEXT;
CREATE UNIQUE INDEX organizers_oidc ON organizers (oidc_issuer, oidc_subject);

-- What stands in for the second factor once each, as a keyed hash.
CREATE TABLE recovery_codes (
    organizer_id INTEGER NOT NULL REFERENCES organizers (id) ON DELETE CASCADE,
    code_hash    BLOB    NOT NULL,
    used_at      INTEGER,
    PRIMARY KEY (organizer_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Links that make an account, or give it a new password. Each works once.
CREATE TABLE account_links (
    id           INTEGER NOT NULL PRIMARY KEY,
    public_id    BLOB    NOT NULL UNIQUE,
    kind         TEXT    NOT NULL, -- invite, reset
    organizer_id INTEGER REFERENCES organizers (id) ON DELETE CASCADE, -- whose password
    email        TEXT    NOT NULL, -- who is invited
    email_key    TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    made_by      INTEGER REFERENCES organizers (id) ON DELETE SET NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX account_links_organizer ON account_links (organizer_id) WHERE organizer_id IS NOT NULL;
CREATE INDEX account_links_email ON account_links (email_key);
CREATE INDEX account_links_expires_at ON account_links (expires_at);

ALTER TABLE sign_ins ADD COLUMN network TEXT NOT NULL DEFAULT ''; -- in words, cut
ALTER TABLE sign_ins ADD COLUMN device  TEXT NOT NULL DEFAULT ''; -- in words: browser and system
ALTER TABLE sign_ins ADD COLUMN mfa     INTEGER NOT NULL DEFAULT 0;

-- What changed: JSON, by field. Of people only which fields.
ALTER TABLE audit_log ADD COLUMN before TEXT;
ALTER TABLE audit_log ADD COLUMN after  TEXT;
CREATE INDEX audit_log_at ON audit_log (at, id);
