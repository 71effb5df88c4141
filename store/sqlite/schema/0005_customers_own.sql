-- +goose Up

-- Customers see where they are signed in and what uses their data. A release that
-- does not know these columns leaves them at nothing.

ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_customer ON sessions (env, customer, created, id) WHERE ended = 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('sessions', 'sessions_customer', '4000000 4000000 2 1 1');
ANALYZE sqlite_schema;
