-- +goose Up

-- One ledger for every way in which people come. A record written by an earlier
-- release has the way of an export, which is written as nothing.

ALTER TABLE migration_records ADD COLUMN way text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE migration_records ADD COLUMN marks bytea NOT NULL DEFAULT '';
ALTER TABLE migration_history ADD COLUMN way text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE migration_history ADD COLUMN marks bytea NOT NULL DEFAULT '';
CREATE INDEX migration_records_way ON migration_records (env, migration, at, key) WHERE way <> '';
CREATE INDEX migration_records_customer ON migration_records (env, customer) WHERE customer <> '';

-- The records of each state that came another way than from an export.
CREATE TABLE migration_ways (
	env       bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	state     text COLLATE "C" NOT NULL,
	way       text COLLATE "C" NOT NULL,
	records   bigint NOT NULL,
	PRIMARY KEY (env, migration, state, way)
) WITH (fillfactor = 25);

-- Which keys an unfinished run counts as pending: pages of rising 64-bit hashes.
CREATE TABLE migration_run_keys (
	env       bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	run       text COLLATE "C" NOT NULL,
	first     bigint NOT NULL,
	hashes    bytea NOT NULL,
	PRIMARY KEY (env, migration, run, first)
);

-- What the numbers in marks stand for.
CREATE TABLE migration_targets (
	env       bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	number    bigint NOT NULL,
	target    text COLLATE "C" NOT NULL,
	source    text COLLATE "C" NOT NULL,
	PRIMARY KEY (env, migration, number)
);
