-- +goose Up

-- Secrets that an environment must know and nobody reads again, sealed.

CREATE TABLE vault (
	env     INTEGER NOT NULL,
	name    TEXT NOT NULL,
	sealed  BLOB NOT NULL,
	created INTEGER NOT NULL,
	updated INTEGER NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (env, name)
) STRICT, WITHOUT ROWID;
