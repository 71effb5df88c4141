-- +goose Up

-- Public key credentials that sign customers in. An id is one person's within an
-- environment, in base64url; the index by relying party and user handle also tells
-- which relying parties there are.

CREATE TABLE passkeys (
	env             INTEGER NOT NULL,
	id              TEXT NOT NULL,
	customer        BLOB NOT NULL,
	rp_id           TEXT NOT NULL,
	handle          BLOB NOT NULL,
	public_key      BLOB NOT NULL,
	sign_count      INTEGER NOT NULL,
	aaguid          BLOB NOT NULL,
	transports      TEXT NOT NULL,
	backup_known    INTEGER NOT NULL,
	backup_eligible INTEGER NOT NULL,
	backed_up       INTEGER NOT NULL,
	discoverable    INTEGER NOT NULL,
	label           TEXT NOT NULL,
	source          TEXT NOT NULL,
	created         INTEGER NOT NULL,
	used            INTEGER NOT NULL,
	version         INTEGER NOT NULL,
	PRIMARY KEY (env, customer, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX passkeys_id ON passkeys (env, id);
CREATE INDEX passkeys_handle ON passkeys (env, rp_id, handle, created, id);

-- Earlier systems let people have several apps; those go on working side by side.

ALTER TABLE factors ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE factors ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE factors ADD COLUMN source TEXT NOT NULL DEFAULT '';
DROP INDEX factors_customer;
CREATE UNIQUE INDEX factors_customer ON factors (env, customer, kind, slot);
