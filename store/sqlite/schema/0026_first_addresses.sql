-- +goose Up

-- Of several addresses of one kind that a customer proved, the one that they chose to come
-- first has 1. Where none has, the one that was proved before the others does.

ALTER TABLE identifiers ADD COLUMN leads INTEGER NOT NULL DEFAULT 0;
