-- +goose Up

-- Backups of the whole installation; only the system environment has any.

CREATE TABLE backups (
	env            INTEGER NOT NULL,
	digest         BLOB NOT NULL,
	created        INTEGER NOT NULL,
	verified       INTEGER NOT NULL,
	schema_version INTEGER NOT NULL,
	row_count      INTEGER NOT NULL,
	made_by        TEXT NOT NULL,
	PRIMARY KEY (env, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX backups_created ON backups (env, created);
