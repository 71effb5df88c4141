-- +goose Up

-- Accounts of the business, the premises they are for, and which customers are what to
-- them. Who joins by an invitation brings its secret, of which a digest is kept.

CREATE TABLE accounts (
	env        INTEGER NOT NULL,
	id         BLOB NOT NULL,
	number     TEXT NOT NULL,
	name       TEXT NOT NULL,
	state      TEXT NOT NULL,
	attributes TEXT NOT NULL,
	source     TEXT NOT NULL,
	created    INTEGER NOT NULL,
	updated    INTEGER NOT NULL,
	version    INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_number ON accounts (env, number);

CREATE TABLE account_premises (
	env       INTEGER NOT NULL,
	account   BLOB NOT NULL,
	id        BLOB NOT NULL,
	reference TEXT NOT NULL,
	address   TEXT NOT NULL,
	created   INTEGER NOT NULL,
	updated   INTEGER NOT NULL,
	version   INTEGER NOT NULL,
	PRIMARY KEY (env, account, id),
	FOREIGN KEY (env, account) REFERENCES accounts (env, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE account_members (
	env      INTEGER NOT NULL,
	account  BLOB NOT NULL,
	customer BLOB NOT NULL,
	role     TEXT NOT NULL,
	premises TEXT NOT NULL,
	since    INTEGER NOT NULL,
	made_by  TEXT NOT NULL,
	evidence TEXT NOT NULL,
	version  INTEGER NOT NULL,
	PRIMARY KEY (env, account, customer),
	FOREIGN KEY (env, account) REFERENCES accounts (env, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_members_customer ON account_members (env, customer, account);

CREATE TABLE account_invitations (
	env      INTEGER NOT NULL,
	hash     BLOB NOT NULL,
	account  BLOB NOT NULL,
	role     TEXT NOT NULL,
	premises TEXT NOT NULL,
	kind     TEXT NOT NULL,
	value    TEXT NOT NULL,
	made_by  TEXT NOT NULL,
	inviter  BLOB NOT NULL,
	created  INTEGER NOT NULL,
	expires  INTEGER NOT NULL,
	PRIMARY KEY (env, hash),
	FOREIGN KEY (env, account) REFERENCES accounts (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_invitations_account ON account_invitations (env, account, created);
CREATE INDEX account_invitations_value ON account_invitations (env, kind, value);
CREATE INDEX account_invitations_inviter ON account_invitations (env, inviter);
CREATE INDEX account_invitations_expires ON account_invitations (env, expires);

-- What customers said to documents and purposes. One answer to each holds at a time.

CREATE TABLE agreements (
	env       INTEGER NOT NULL,
	customer  BLOB NOT NULL,
	kind      TEXT NOT NULL,
	document  TEXT NOT NULL,
	given     INTEGER NOT NULL,
	version   TEXT NOT NULL,
	refused   INTEGER NOT NULL,
	withdrawn INTEGER NOT NULL,
	replaced  INTEGER NOT NULL,
	evidence  BLOB NOT NULL,
	PRIMARY KEY (env, customer, kind, document, given),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;

-- Words that operators put on customers.

CREATE TABLE customer_tags (
	env      INTEGER NOT NULL,
	customer BLOB NOT NULL,
	tag      TEXT NOT NULL,
	PRIMARY KEY (env, customer, tag),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_tags_tag ON customer_tags (env, tag, customer);

-- When and by what an identifier was proven here. A release that does not know these
-- columns leaves them at nothing.

ALTER TABLE identifiers ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE identifiers ADD COLUMN proved_by TEXT NOT NULL DEFAULT '';

-- Whoever is erased is found in sessions that ended and journeys that stopped, too.

CREATE INDEX sessions_ended ON sessions (env, customer) WHERE ended <> 0;
CREATE INDEX journeys_customer ON journeys (env, customer);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('accounts', 'accounts', '4000000 4000000 1'),
	('accounts', 'accounts_number', '4000000 4000000 1'),
	('account_premises', 'account_premises', '4000000 4000000 2 1'),
	('account_members', 'account_members', '6000000 6000000 2 1'),
	('account_members', 'account_members_customer', '6000000 6000000 2 1'),
	('account_invitations', 'account_invitations', '40000 40000 1'),
	('account_invitations', 'account_invitations_account', '40000 40000 1 1'),
	('account_invitations', 'account_invitations_value', '40000 40000 20000 1'),
	('account_invitations', 'account_invitations_inviter', '40000 40000 2'),
	('account_invitations', 'account_invitations_expires', '40000 40000 1'),
	('agreements', 'agreements', '9000000 9000000 3 2 1 1'),
	('customer_tags', 'customer_tags', '400000 400000 2 1'),
	('customer_tags', 'customer_tags_tag', '400000 400000 40000 1'),
	('sessions', 'sessions_ended', '1000000 1000000 2'),
	('journeys', 'journeys', '40000 40000 1'),
	('journeys', 'journeys_customer', '40000 40000 2');
ANALYZE sqlite_schema;
