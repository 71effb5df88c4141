-- +goose Up

-- Events for the tenant's own services. A row names a customer, and holds nothing else
-- of them.

CREATE TABLE hook_events (
	env         bigint NOT NULL,
	id          text COLLATE "C" NOT NULL,
	hook        text COLLATE "C" NOT NULL,
	type        text COLLATE "C" NOT NULL,
	journey     text COLLATE "C" NOT NULL,
	application text COLLATE "C" NOT NULL,
	customer    bytea NOT NULL,
	state       text COLLATE "C" NOT NULL,
	reason      text COLLATE "C" NOT NULL,
	attempts    bigint NOT NULL,
	at          bigint NOT NULL,
	due         bigint NOT NULL,
	updated     bigint NOT NULL,
	keep        bigint NOT NULL,
	version     bigint NOT NULL,
	PRIMARY KEY (env, id)
);
CREATE INDEX hook_events_due ON hook_events (env, hook, due, id) WHERE state IN ('queued', 'sending');
CREATE INDEX hook_events_order ON hook_events (env, hook, customer, id) WHERE state IN ('queued', 'sending');
CREATE INDEX hook_events_customer ON hook_events (env, customer);
CREATE INDEX hook_events_keep ON hook_events (env, keep) WHERE keep > 0;

-- How often customers came to the steps of journeys, and what they did there, by hour.
-- It says nothing of anybody.

CREATE TABLE funnel (
	env         bigint NOT NULL,
	hour        bigint NOT NULL,
	journey     text COLLATE "C" NOT NULL,
	step        text COLLATE "C" NOT NULL,
	outcome     text COLLATE "C" NOT NULL,
	brand       text COLLATE "C" NOT NULL,
	application text COLLATE "C" NOT NULL,
	known       bigint NOT NULL,
	took        bigint NOT NULL,
	count       bigint NOT NULL,
	keep        bigint NOT NULL,
	PRIMARY KEY (env, hour, journey, step, outcome, brand, application, known, took)
);
CREATE INDEX funnel_keep ON funnel (env, keep);
