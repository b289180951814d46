-- What a mail's headers say of it stays the same in every try: the Message-ID's right side, and the date.
-- `dated_at` NULL: it was never tried. '' stands for the domain of mail_from, as before.
ALTER TABLE outbox ADD COLUMN message_domain TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN dated_at INTEGER;
-- A mail that the relay refused as it refused everybody waits again, once.
ALTER TABLE outbox ADD COLUMN put_back INTEGER NOT NULL DEFAULT 0;

UPDATE outbox SET dated_at = created_at
WHERE state = 'sending' OR (state IN ('queued', 'held', 'unknown') AND (attempts > 0 OR ambiguous > 0));
