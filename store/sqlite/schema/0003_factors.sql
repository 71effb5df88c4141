-- +goose Up

-- Second factors, and how far those have come who still owe one.

CREATE TABLE factors (
	env       INTEGER NOT NULL,
	id        BLOB NOT NULL,
	customer  BLOB NOT NULL,
	kind      TEXT NOT NULL,
	sealed    BLOB NOT NULL,
	used      INTEGER NOT NULL,
	confirmed INTEGER NOT NULL,
	created   INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	PRIMARY KEY (env, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX factors_customer ON factors (env, customer, kind);

CREATE TABLE journeys (
	env      INTEGER NOT NULL,
	id       BLOB NOT NULL,
	customer BLOB NOT NULL,
	digest   BLOB NOT NULL,
	state    BLOB NOT NULL,
	created  INTEGER NOT NULL,
	expires  INTEGER NOT NULL,
	version  INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX journeys_expires ON journeys (env, expires);
