-- +goose Up

-- Proposed configurations, who approved them, and what was recalled when one was
-- undone. A release that does not know a grant's revision leaves it at 0.

ALTER TABLE environments ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

CREATE TABLE changes (
	env         INTEGER NOT NULL,
	number      INTEGER NOT NULL,
	author      BLOB NOT NULL,
	author_name TEXT NOT NULL,
	title       TEXT NOT NULL,
	reason      TEXT NOT NULL,
	source      TEXT NOT NULL,
	base        INTEGER NOT NULL,
	base_digest BLOB NOT NULL,
	digest      BLOB NOT NULL,
	delta       BLOB NOT NULL,
	undoes      INTEGER NOT NULL,
	follows     INTEGER NOT NULL,
	created     INTEGER NOT NULL,
	state       TEXT NOT NULL,
	ended       INTEGER NOT NULL,
	ended_by    TEXT NOT NULL,
	note        TEXT NOT NULL,
	revision    INTEGER NOT NULL,
	undone_by   INTEGER NOT NULL,
	follow_up   INTEGER NOT NULL,
	approvals   INTEGER NOT NULL,
	version     INTEGER NOT NULL,
	target      BLOB NOT NULL,
	PRIMARY KEY (env, number)
) STRICT;
CREATE UNIQUE INDEX changes_revision ON changes (env, revision) WHERE revision > 0;

CREATE TABLE approvals (
	env      INTEGER NOT NULL,
	change   INTEGER NOT NULL,
	approver BLOB NOT NULL,
	name     TEXT NOT NULL,
	binding  BLOB NOT NULL,
	at       INTEGER NOT NULL,
	carried  INTEGER NOT NULL,
	PRIMARY KEY (env, change, approver)
) STRICT, WITHOUT ROWID;

CREATE TABLE recalls (
	env         INTEGER NOT NULL,
	change      INTEGER NOT NULL,
	part        INTEGER NOT NULL,
	server      TEXT NOT NULL,
	application TEXT NOT NULL,
	scopes      TEXT NOT NULL,
	first       INTEGER NOT NULL,
	last        INTEGER NOT NULL,
	since       INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	until       INTEGER NOT NULL,
	PRIMARY KEY (env, change, part)
) STRICT, WITHOUT ROWID;

-- Customers are counted by their groups, without reading them. An entry of an index
-- has less than 2700 bytes; whoever is in more groups than that is known to be there.
CREATE INDEX customers_groups ON customers (env, groups, state) WHERE length(groups) <= 600;
CREATE INDEX customers_many_groups ON customers (env) WHERE length(groups) > 600;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('customers', 'customers_groups', '4000000 4000000 20000 20000'),
	('customers', 'customers_many_groups', '1000 1000');
ANALYZE sqlite_schema;
