-- +goose Up

-- One ledger for every way in which people come. A record written by an earlier
-- release has the way of an export, which is written as nothing.

ALTER TABLE migration_records ADD COLUMN way TEXT NOT NULL DEFAULT '';
ALTER TABLE migration_records ADD COLUMN marks BLOB NOT NULL DEFAULT x'';
ALTER TABLE migration_history ADD COLUMN way TEXT NOT NULL DEFAULT '';
ALTER TABLE migration_history ADD COLUMN marks BLOB NOT NULL DEFAULT x'';
CREATE INDEX migration_records_way ON migration_records (env, migration, at, key) WHERE way <> '';
CREATE INDEX migration_records_customer ON migration_records (env, customer) WHERE customer <> '';

-- The records of each state that came another way than from an export.
CREATE TABLE migration_ways (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	state     TEXT NOT NULL,
	way       TEXT NOT NULL,
	records   INTEGER NOT NULL,
	PRIMARY KEY (env, migration, state, way)
) STRICT, WITHOUT ROWID;

-- Which keys an unfinished run counts as pending: pages of rising 64-bit hashes.
CREATE TABLE migration_run_keys (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	run       TEXT NOT NULL,
	first     INTEGER NOT NULL,
	hashes    BLOB NOT NULL,
	PRIMARY KEY (env, migration, run, first)
) STRICT;

-- What the numbers in marks stand for.
CREATE TABLE migration_targets (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	number    INTEGER NOT NULL,
	target    TEXT NOT NULL,
	source    TEXT NOT NULL,
	PRIMARY KEY (env, migration, number)
) STRICT, WITHOUT ROWID;

-- What a planner would find out of a large ledger.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('migration_records', 'migration_records', '4000000 4000000 2000000 1'),
	('migration_records', 'migration_records_state', '400000 400000 200000 100000 1'),
	('migration_records', 'migration_records_way', '400000 400000 200000 2 1'),
	('migration_records', 'migration_records_customer', '4000000 4000000 1');
ANALYZE sqlite_schema;
