-- +goose Up

-- What nodes share to speak TLS under names of their own: certificates, their keys and
-- accounts with certification authorities, sealed; and who is at work on which.

CREATE TABLE certificates (
	env     bigint NOT NULL,
	name    text COLLATE "C" NOT NULL,
	sealed  bytea NOT NULL,
	size    bigint NOT NULL,
	changed bigint NOT NULL,
	PRIMARY KEY (env, name)
);

CREATE TABLE leases (
	env    bigint NOT NULL,
	name   text COLLATE "C" NOT NULL,
	holder text COLLATE "C" NOT NULL,
	until  bigint NOT NULL,
	PRIMARY KEY (env, name)
);
