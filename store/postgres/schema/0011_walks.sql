-- +goose Up

-- Runs that compare the real endpoints with the proof, and the customers that they
-- made, who are nobody and are removed when the run ends or is given up.

CREATE TABLE walks (
	env      bigint NOT NULL,
	id       text COLLATE "C" NOT NULL,
	author   text COLLATE "C" NOT NULL,
	revision bigint NOT NULL,
	started  bigint NOT NULL,
	expires  bigint NOT NULL,
	ended    bigint NOT NULL,
	detail   bytea NOT NULL,
	PRIMARY KEY (env, id)
);
CREATE INDEX walks_started ON walks (env, started, id);

CREATE TABLE synthetics (
	env      bigint NOT NULL,
	customer bytea NOT NULL,
	walk     text COLLATE "C" NOT NULL,
	PRIMARY KEY (env, customer)
);
CREATE INDEX synthetics_walk ON synthetics (env, walk, customer);
