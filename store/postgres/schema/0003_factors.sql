-- +goose Up

-- Second factors, and how far those have come who still owe one.

CREATE TABLE factors (
	env       bigint NOT NULL,
	id        bytea NOT NULL,
	customer  bytea NOT NULL,
	kind      text COLLATE "C" NOT NULL,
	sealed    bytea NOT NULL,
	used      bigint NOT NULL,
	confirmed bigint NOT NULL,
	created   bigint NOT NULL,
	version   bigint NOT NULL,
	PRIMARY KEY (env, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
CREATE UNIQUE INDEX factors_customer ON factors (env, customer, kind);

CREATE TABLE journeys (
	env      bigint NOT NULL,
	id       bytea NOT NULL,
	customer bytea NOT NULL,
	digest   bytea NOT NULL,
	state    bytea NOT NULL,
	created  bigint NOT NULL,
	expires  bigint NOT NULL,
	version  bigint NOT NULL,
	PRIMARY KEY (env, id)
);
CREATE INDEX journeys_expires ON journeys (env, expires);
