-- +goose Up

-- Events for the tenant's own services. A row names a customer, and holds nothing else
-- of them.

CREATE TABLE hook_events (
	env         INTEGER NOT NULL,
	id          TEXT NOT NULL,
	hook        TEXT NOT NULL,
	type        TEXT NOT NULL,
	journey     TEXT NOT NULL,
	application TEXT NOT NULL,
	customer    BLOB NOT NULL,
	state       TEXT NOT NULL,
	reason      TEXT NOT NULL,
	attempts    INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	due         INTEGER NOT NULL,
	updated     INTEGER NOT NULL,
	keep        INTEGER NOT NULL,
	version     INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hook_events_due ON hook_events (env, hook, due, id) WHERE state IN ('queued', 'sending');
CREATE INDEX hook_events_order ON hook_events (env, hook, customer, id) WHERE state IN ('queued', 'sending');
CREATE INDEX hook_events_customer ON hook_events (env, customer);
CREATE INDEX hook_events_keep ON hook_events (env, keep) WHERE keep > 0;

-- How often customers came to the steps of journeys, and what they did there, by hour.
-- It says nothing of anybody.

CREATE TABLE funnel (
	env         INTEGER NOT NULL,
	hour        INTEGER NOT NULL,
	journey     TEXT NOT NULL,
	step        TEXT NOT NULL,
	outcome     TEXT NOT NULL,
	brand       TEXT NOT NULL,
	application TEXT NOT NULL,
	known       INTEGER NOT NULL,
	took        INTEGER NOT NULL,
	count       INTEGER NOT NULL,
	keep        INTEGER NOT NULL,
	PRIMARY KEY (env, hour, journey, step, outcome, brand, application, known, took)
) STRICT, WITHOUT ROWID;
CREATE INDEX funnel_keep ON funnel (env, keep);
