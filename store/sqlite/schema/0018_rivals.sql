-- +goose Up

-- Who claims an identifier that others claim too, and what was decided about it.
-- A group is named by a keyed digest; what people decide by is sealed.

CREATE TABLE rival_claims (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	grp       TEXT NOT NULL,
	key       TEXT NOT NULL,
	customer  TEXT NOT NULL,
	kind      TEXT NOT NULL,
	sealed    BLOB NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (env, migration, grp, key, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX rival_claims_key ON rival_claims (env, migration, key);
CREATE INDEX rival_claims_customer ON rival_claims (env, migration, customer);
CREATE TABLE rival_decisions (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	grp       TEXT NOT NULL,
	decision  BLOB NOT NULL,
	decider   TEXT NOT NULL,
	at        INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	PRIMARY KEY (env, migration, grp)
) STRICT, WITHOUT ROWID;
CREATE TABLE rival_keys (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	sealed    BLOB NOT NULL,
	PRIMARY KEY (env, migration)
) STRICT, WITHOUT ROWID;
