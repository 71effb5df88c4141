-- +goose Up

-- When a message is worth nothing any more: what is sealed is taken out then, whatever
-- became of it. Zero: it is always worth something, or was taken out.

ALTER TABLE outbox ADD COLUMN until bigint NOT NULL DEFAULT 0;
CREATE INDEX outbox_until ON outbox (env, until) WHERE until > 0;
