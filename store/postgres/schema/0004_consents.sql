-- +goose Up

-- What customers allowed applications to have; it stays until it is withdrawn.

CREATE TABLE consents (
	env         bigint NOT NULL,
	customer    bytea NOT NULL,
	application text COLLATE "C" NOT NULL,
	server      text COLLATE "C" NOT NULL,
	scopes      text COLLATE "C" NOT NULL,
	given       bigint NOT NULL,
	updated     bigint NOT NULL,
	revision    bigint NOT NULL,
	version     bigint NOT NULL,
	PRIMARY KEY (env, customer, application, server),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
