-- +goose Up

-- Grants are found by their customer, to be ended with the session they name.

CREATE INDEX grants_customer ON grants (env, customer);
