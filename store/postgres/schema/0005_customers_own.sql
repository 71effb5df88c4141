-- +goose Up

-- Customers see where they are signed in and what uses their data. A release that
-- does not know these columns leaves them at nothing.

ALTER TABLE sessions ADD COLUMN address text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN used bigint NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN used bigint NOT NULL DEFAULT 0;
CREATE INDEX sessions_customer ON sessions (env, customer, created, id) WHERE ended = 0;

