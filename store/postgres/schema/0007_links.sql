-- +goose Up

-- Who customers are at other providers. Kept for the day on which they can sign
-- in by it; an index by provider and subject comes with that.

CREATE TABLE links (
	env        bigint NOT NULL,
	customer   bytea NOT NULL,
	provider   text COLLATE "C" NOT NULL,
	connection text COLLATE "C" NOT NULL,
	subject    text COLLATE "C" NOT NULL,
	source     text COLLATE "C" NOT NULL,
	created    bigint NOT NULL,
	PRIMARY KEY (env, customer, provider, connection, subject),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
