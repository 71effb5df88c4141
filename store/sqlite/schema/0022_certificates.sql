-- +goose Up

-- What nodes share to speak TLS under names of their own: certificates, their keys and
-- accounts with certification authorities, sealed; and who is at work on which.

CREATE TABLE certificates (
	env     INTEGER NOT NULL,
	name    TEXT NOT NULL,
	sealed  BLOB NOT NULL,
	size    INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	PRIMARY KEY (env, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
	env    INTEGER NOT NULL,
	name   TEXT NOT NULL,
	holder TEXT NOT NULL,
	until  INTEGER NOT NULL,
	PRIMARY KEY (env, name)
) STRICT, WITHOUT ROWID;
