-- +goose Up

-- Secrets that an environment must know and nobody reads again, sealed.

CREATE TABLE vault (
	env     bigint NOT NULL,
	name    text COLLATE "C" NOT NULL,
	sealed  bytea NOT NULL,
	created bigint NOT NULL,
	updated bigint NOT NULL,
	version bigint NOT NULL,
	PRIMARY KEY (env, name)
);
