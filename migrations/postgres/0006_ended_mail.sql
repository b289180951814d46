-- Mails that are over are looked for by kind, because kinds are kept for different times.
CREATE INDEX outbox_ended ON outbox (kind, ended_at) WHERE ended_at IS NOT NULL;
