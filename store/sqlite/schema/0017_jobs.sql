-- +goose Up

-- Imports that a server runs by itself. A migration has one that is open.

CREATE TABLE jobs (
	env       INTEGER NOT NULL,
	id        TEXT NOT NULL,
	migration TEXT NOT NULL,
	state     TEXT NOT NULL,
	node      TEXT NOT NULL,
	inputs    TEXT NOT NULL,
	sealed    BLOB NOT NULL,
	options   BLOB NOT NULL,
	phase     TEXT NOT NULL,
	row_count INTEGER NOT NULL,
	row_total INTEGER NOT NULL,
	held      INTEGER NOT NULL,
	rate      INTEGER NOT NULL,
	reason    TEXT NOT NULL,
	problem   TEXT NOT NULL,
	report    BLOB NOT NULL,
	operator  TEXT NOT NULL,
	created   INTEGER NOT NULL,
	updated   INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_created ON jobs (env, created);
CREATE UNIQUE INDEX jobs_open ON jobs (env, migration) WHERE state IN ('queued', 'running', 'pausing', 'paused');
