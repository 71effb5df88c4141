-- +goose Up

-- Imports that a server runs by itself. A migration has one that is open.

CREATE TABLE jobs (
	env       bigint NOT NULL,
	id        text COLLATE "C" NOT NULL,
	migration text COLLATE "C" NOT NULL,
	state     text COLLATE "C" NOT NULL,
	node      text COLLATE "C" NOT NULL,
	inputs    text COLLATE "C" NOT NULL,
	sealed    bytea NOT NULL,
	options   bytea NOT NULL,
	phase     text COLLATE "C" NOT NULL,
	row_count bigint NOT NULL,
	row_total bigint NOT NULL,
	held      bigint NOT NULL,
	rate      bigint NOT NULL,
	reason    text COLLATE "C" NOT NULL,
	problem   text COLLATE "C" NOT NULL,
	report    bytea NOT NULL,
	operator  text COLLATE "C" NOT NULL,
	created   bigint NOT NULL,
	updated   bigint NOT NULL,
	version   bigint NOT NULL,
	PRIMARY KEY (env, id)
);
CREATE INDEX jobs_created ON jobs (env, created);
CREATE UNIQUE INDEX jobs_open ON jobs (env, migration) WHERE state IN ('queued', 'running', 'pausing', 'paused');
