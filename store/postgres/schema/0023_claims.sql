-- +goose Up

-- Claims to accounts that a person decides. A customer has one that waits for each
-- number at most.

CREATE TABLE account_claims (
	env      bigint NOT NULL,
	id       bytea NOT NULL,
	customer bytea NOT NULL,
	place    text COLLATE "C" NOT NULL,
	number   text COLLATE "C" NOT NULL,
	state    text COLLATE "C" NOT NULL,
	reason   text COLLATE "C" NOT NULL,
	evidence bytea NOT NULL,
	created  bigint NOT NULL,
	updated  bigint NOT NULL,
	decider  text COLLATE "C" NOT NULL,
	note     text COLLATE "C" NOT NULL,
	version  bigint NOT NULL,
	PRIMARY KEY (env, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
CREATE INDEX account_claims_created ON account_claims (env, created, id);
CREATE INDEX account_claims_state ON account_claims (env, state, created, id);
CREATE INDEX account_claims_customer ON account_claims (env, customer, created, id);
CREATE INDEX account_claims_number ON account_claims (env, number, created, id);
CREATE UNIQUE INDEX account_claims_waiting ON account_claims (env, customer, number) WHERE state = 'waits';
