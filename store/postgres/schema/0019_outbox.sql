-- +goose Up

-- Messages to people: mail, text messages, calls, letters. To whom and what is
-- sealed; of one word an environment has one message.

CREATE TABLE outbox (
	env      bigint NOT NULL,
	id       text COLLATE "C" NOT NULL,
	once     bytea NOT NULL,
	channel  text COLLATE "C" NOT NULL,
	template text COLLATE "C" NOT NULL,
	customer bytea NOT NULL,
	sealed   bytea NOT NULL,
	state    text COLLATE "C" NOT NULL,
	reason   text COLLATE "C" NOT NULL,
	sender   text COLLATE "C" NOT NULL,
	attempts bigint NOT NULL,
	due      bigint NOT NULL,
	created  bigint NOT NULL,
	updated  bigint NOT NULL,
	keep     bigint NOT NULL,
	version  bigint NOT NULL,
	PRIMARY KEY (env, id)
);
CREATE UNIQUE INDEX outbox_once ON outbox (env, once) WHERE once <> '';
CREATE INDEX outbox_due ON outbox (env, channel, due, id) WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_state ON outbox (env, state, id);
CREATE INDEX outbox_customer ON outbox (env, customer, id);
CREATE INDEX outbox_keep ON outbox (env, keep) WHERE keep > 0;
