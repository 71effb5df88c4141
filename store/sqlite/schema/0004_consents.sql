-- +goose Up

-- What customers allowed applications to have; it stays until it is withdrawn.

CREATE TABLE consents (
	env         INTEGER NOT NULL,
	customer    BLOB NOT NULL,
	application TEXT NOT NULL,
	server      TEXT NOT NULL,
	scopes      TEXT NOT NULL,
	given       INTEGER NOT NULL,
	updated     INTEGER NOT NULL,
	revision    INTEGER NOT NULL,
	version     INTEGER NOT NULL,
	PRIMARY KEY (env, customer, application, server),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;

-- grants_customer came after the statistics of a large environment were written.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('grants', 'grants_customer', '4000000 4000000 3'),
	('consents', 'consents', '4000000 4000000 3 1 1');
ANALYZE sqlite_schema;
