-- +goose Up

-- Who claims an identifier that others claim too, and what was decided about it.
-- A group is named by a keyed digest; what people decide by is sealed.

CREATE TABLE rival_claims (
	env bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	grp text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	customer text COLLATE "C" NOT NULL,
	kind text COLLATE "C" NOT NULL,
	sealed bytea NOT NULL,
	at bigint NOT NULL,
	PRIMARY KEY (env, migration, grp, key, customer)
);
CREATE INDEX rival_claims_key ON rival_claims (env, migration, key);
CREATE INDEX rival_claims_customer ON rival_claims (env, migration, customer);
CREATE TABLE rival_decisions (
	env bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	grp text COLLATE "C" NOT NULL,
	decision bytea NOT NULL,
	decider text COLLATE "C" NOT NULL,
	at bigint NOT NULL,
	version bigint NOT NULL,
	PRIMARY KEY (env, migration, grp)
);
CREATE TABLE rival_keys (
	env bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	sealed bytea NOT NULL,
	PRIMARY KEY (env, migration)
);
