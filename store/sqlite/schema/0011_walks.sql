-- +goose Up

-- Runs that compare the real endpoints with the proof, and the customers that they
-- made, who are nobody and are removed when the run ends or is given up.

CREATE TABLE walks (
	env      INTEGER NOT NULL,
	id       TEXT NOT NULL,
	author   TEXT NOT NULL,
	revision INTEGER NOT NULL,
	started  INTEGER NOT NULL,
	expires  INTEGER NOT NULL,
	ended    INTEGER NOT NULL,
	detail   BLOB NOT NULL,
	PRIMARY KEY (env, id)
) STRICT;
CREATE INDEX walks_started ON walks (env, started, id);

CREATE TABLE synthetics (
	env      INTEGER NOT NULL,
	customer BLOB NOT NULL,
	walk     TEXT NOT NULL,
	PRIMARY KEY (env, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX synthetics_walk ON synthetics (env, walk, customer);
