-- +goose Up

-- Messages to people: mail, text messages, calls, letters. To whom and what is
-- sealed; of one word an environment has one message.

CREATE TABLE outbox (
	env      INTEGER NOT NULL,
	id       TEXT NOT NULL,
	once     BLOB NOT NULL,
	channel  TEXT NOT NULL,
	template TEXT NOT NULL,
	customer BLOB NOT NULL,
	sealed   BLOB NOT NULL,
	state    TEXT NOT NULL,
	reason   TEXT NOT NULL,
	sender   TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	due      INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	updated  INTEGER NOT NULL,
	keep     INTEGER NOT NULL,
	version  INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outbox_once ON outbox (env, once) WHERE once <> x'';
CREATE INDEX outbox_due ON outbox (env, channel, due, id) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_state ON outbox (env, state, id);
CREATE INDEX outbox_customer ON outbox (env, customer, id);
CREATE INDEX outbox_keep ON outbox (env, keep) WHERE keep > 0;
