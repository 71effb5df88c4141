-- +goose Up

-- A refresh asks what was recalled of its application.

CREATE INDEX recalls_cell ON recalls (env, application, server);
