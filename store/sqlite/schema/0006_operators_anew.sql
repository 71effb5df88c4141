-- +goose Up

-- A link can take an operator's second factors away with the password.

ALTER TABLE operator_links ADD COLUMN anew INTEGER NOT NULL DEFAULT 0;
