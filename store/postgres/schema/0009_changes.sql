-- +goose Up

-- Proposed configurations, who approved them, and what was recalled when one was
-- undone. A release that does not know a grant's revision leaves it at 0.

ALTER TABLE environments ADD COLUMN changes bigint NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN revision bigint NOT NULL DEFAULT 0;

CREATE TABLE changes (
	env         bigint NOT NULL,
	number      bigint NOT NULL,
	author      bytea NOT NULL,
	author_name text COLLATE "C" NOT NULL,
	title       text COLLATE "C" NOT NULL,
	reason      text COLLATE "C" NOT NULL,
	source      text COLLATE "C" NOT NULL,
	base        bigint NOT NULL,
	base_digest bytea NOT NULL,
	digest      bytea NOT NULL,
	delta       bytea NOT NULL,
	undoes      bigint NOT NULL,
	follows     bigint NOT NULL,
	created     bigint NOT NULL,
	state       text COLLATE "C" NOT NULL,
	ended       bigint NOT NULL,
	ended_by    text COLLATE "C" NOT NULL,
	note        text COLLATE "C" NOT NULL,
	revision    bigint NOT NULL,
	undone_by   bigint NOT NULL,
	follow_up   bigint NOT NULL,
	approvals   bigint NOT NULL,
	version     bigint NOT NULL,
	target      bytea NOT NULL,
	PRIMARY KEY (env, number)
);
CREATE UNIQUE INDEX changes_revision ON changes (env, revision) WHERE revision > 0;

CREATE TABLE approvals (
	env      bigint NOT NULL,
	change   bigint NOT NULL,
	approver bytea NOT NULL,
	name     text COLLATE "C" NOT NULL,
	binding  bytea NOT NULL,
	at       bigint NOT NULL,
	carried  bigint NOT NULL,
	PRIMARY KEY (env, change, approver)
);

CREATE TABLE recalls (
	env         bigint NOT NULL,
	change      bigint NOT NULL,
	part        bigint NOT NULL,
	server      text COLLATE "C" NOT NULL,
	application text COLLATE "C" NOT NULL,
	scopes      text COLLATE "C" NOT NULL,
	first       bigint NOT NULL,
	last        bigint NOT NULL,
	since       bigint NOT NULL,
	at          bigint NOT NULL,
	until       bigint NOT NULL,
	PRIMARY KEY (env, change, part)
);

-- Customers are counted by their groups, without reading them. An entry of an index
-- has less than 2700 bytes; whoever is in more groups than that is known to be there.
CREATE INDEX customers_groups ON customers (env, groups, state) WHERE length(groups) <= 600;
CREATE INDEX customers_many_groups ON customers (env) WHERE length(groups) > 600;

