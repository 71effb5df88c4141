-- +goose Up

-- Backups of the whole installation; only the system environment has any.

CREATE TABLE backups (
	env            bigint NOT NULL,
	digest         bytea NOT NULL,
	created        bigint NOT NULL,
	verified       bigint NOT NULL,
	schema_version bigint NOT NULL,
	row_count      bigint NOT NULL,
	made_by        text COLLATE "C" NOT NULL,
	PRIMARY KEY (env, digest)
);
CREATE INDEX backups_created ON backups (env, created);
