-- +goose Up

-- Accounts of the business, the premises they are for, and which customers are what to
-- them. Who joins by an invitation brings its secret, of which a digest is kept.

CREATE TABLE accounts (
	env        bigint NOT NULL,
	id         bytea NOT NULL,
	number     text COLLATE "C" NOT NULL,
	name       text COLLATE "C" NOT NULL,
	state      text COLLATE "C" NOT NULL,
	attributes text COLLATE "C" NOT NULL,
	source     text COLLATE "C" NOT NULL,
	created    bigint NOT NULL,
	updated    bigint NOT NULL,
	version    bigint NOT NULL,
	PRIMARY KEY (env, id)
);
CREATE UNIQUE INDEX accounts_number ON accounts (env, number);

CREATE TABLE account_premises (
	env       bigint NOT NULL,
	account   bytea NOT NULL,
	id        bytea NOT NULL,
	reference text COLLATE "C" NOT NULL,
	address   text COLLATE "C" NOT NULL,
	created   bigint NOT NULL,
	updated   bigint NOT NULL,
	version   bigint NOT NULL,
	PRIMARY KEY (env, account, id),
	FOREIGN KEY (env, account) REFERENCES accounts (env, id)
);

CREATE TABLE account_members (
	env      bigint NOT NULL,
	account  bytea NOT NULL,
	customer bytea NOT NULL,
	role     text COLLATE "C" NOT NULL,
	premises text COLLATE "C" NOT NULL,
	since    bigint NOT NULL,
	made_by  text COLLATE "C" NOT NULL,
	evidence text COLLATE "C" NOT NULL,
	version  bigint NOT NULL,
	PRIMARY KEY (env, account, customer),
	FOREIGN KEY (env, account) REFERENCES accounts (env, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
CREATE INDEX account_members_customer ON account_members (env, customer, account);

CREATE TABLE account_invitations (
	env      bigint NOT NULL,
	hash     bytea NOT NULL,
	account  bytea NOT NULL,
	role     text COLLATE "C" NOT NULL,
	premises text COLLATE "C" NOT NULL,
	kind     text COLLATE "C" NOT NULL,
	value    text COLLATE "C" NOT NULL,
	made_by  text COLLATE "C" NOT NULL,
	inviter  bytea NOT NULL,
	created  bigint NOT NULL,
	expires  bigint NOT NULL,
	PRIMARY KEY (env, hash),
	FOREIGN KEY (env, account) REFERENCES accounts (env, id)
);
CREATE INDEX account_invitations_account ON account_invitations (env, account, created);
CREATE INDEX account_invitations_value ON account_invitations (env, kind, value);
CREATE INDEX account_invitations_inviter ON account_invitations (env, inviter);
CREATE INDEX account_invitations_expires ON account_invitations (env, expires);

-- What customers said to documents and purposes. One answer to each holds at a time.

CREATE TABLE agreements (
	env       bigint NOT NULL,
	customer  bytea NOT NULL,
	kind      text COLLATE "C" NOT NULL,
	document  text COLLATE "C" NOT NULL,
	given     bigint NOT NULL,
	version   text COLLATE "C" NOT NULL,
	refused   bigint NOT NULL,
	withdrawn bigint NOT NULL,
	replaced  bigint NOT NULL,
	evidence  bytea NOT NULL,
	PRIMARY KEY (env, customer, kind, document, given),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);

-- Words that operators put on customers.

CREATE TABLE customer_tags (
	env      bigint NOT NULL,
	customer bytea NOT NULL,
	tag      text COLLATE "C" NOT NULL,
	PRIMARY KEY (env, customer, tag),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
CREATE INDEX customer_tags_tag ON customer_tags (env, tag, customer);

-- When and by what an identifier was proven here. A release that does not know these
-- columns leaves them at nothing.

ALTER TABLE identifiers ADD COLUMN proved_at bigint NOT NULL DEFAULT 0;
ALTER TABLE identifiers ADD COLUMN proved_by text COLLATE "C" NOT NULL DEFAULT '';

-- Whoever is erased is found in sessions that ended and journeys that stopped, too.

CREATE INDEX sessions_ended ON sessions (env, customer) WHERE ended <> 0;
CREATE INDEX journeys_customer ON journeys (env, customer);
