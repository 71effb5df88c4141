-- +goose Up

-- Claims to accounts that a person decides. A customer has one that waits for each
-- number at most.

CREATE TABLE account_claims (
	env      INTEGER NOT NULL,
	id       BLOB NOT NULL,
	customer BLOB NOT NULL,
	place    TEXT NOT NULL,
	number   TEXT NOT NULL,
	state    TEXT NOT NULL,
	reason   TEXT NOT NULL,
	evidence BLOB NOT NULL,
	created  INTEGER NOT NULL,
	updated  INTEGER NOT NULL,
	decider  TEXT NOT NULL,
	note     TEXT NOT NULL,
	version  INTEGER NOT NULL,
	PRIMARY KEY (env, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_claims_created ON account_claims (env, created, id);
CREATE INDEX account_claims_state ON account_claims (env, state, created, id);
CREATE INDEX account_claims_customer ON account_claims (env, customer, created, id);
CREATE INDEX account_claims_number ON account_claims (env, number, created, id);
CREATE UNIQUE INDEX account_claims_waiting ON account_claims (env, customer, number) WHERE state = 'waits';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('account_claims', 'account_claims', '40000 40000 1'),
	('account_claims', 'account_claims_created', '40000 40000 2 1'),
	('account_claims', 'account_claims_state', '40000 40000 13000 2 1'),
	('account_claims', 'account_claims_customer', '40000 40000 2 1 1'),
	('account_claims', 'account_claims_number', '40000 40000 2 1 1'),
	('account_claims', 'account_claims_waiting', '10000 10000 2 1');
ANALYZE sqlite_schema;
