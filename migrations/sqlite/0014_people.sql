-- People as organizers find them: a page of their own, and the words of their names.

ALTER TABLE contacts ADD COLUMN public_id BLOB;
UPDATE contacts SET public_id = randomblob(16);
CREATE UNIQUE INDEX contacts_public_id ON contacts (public_id);

-- The words of a name, folded, by work that looks for contacts whose words are not kept yet. It holds nothing that is not
-- in `contacts`.
ALTER TABLE contacts ADD COLUMN words_of TEXT;
CREATE INDEX contacts_without_words ON contacts (id) WHERE words_of IS NULL OR words_of <> name;
CREATE TABLE search_words (
    word       TEXT    NOT NULL,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (word, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_words_contact ON search_words (contact_id);

-- Did they get it?
CREATE INDEX outbox_recipient ON outbox (LOWER(recipient), id);
