-- +goose Up

-- Who customers are at other providers. Kept for the day on which they can sign
-- in by it; an index by provider and subject comes with that.

CREATE TABLE links (
	env        INTEGER NOT NULL,
	customer   BLOB NOT NULL,
	provider   TEXT NOT NULL,
	connection TEXT NOT NULL,
	subject    TEXT NOT NULL,
	source     TEXT NOT NULL,
	created    INTEGER NOT NULL,
	PRIMARY KEY (env, customer, provider, connection, subject),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
