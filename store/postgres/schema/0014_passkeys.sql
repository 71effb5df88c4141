-- +goose Up

-- Public key credentials that sign customers in. An id is one person's within an
-- environment, in base64url; the index by relying party and user handle also tells
-- which relying parties there are.

CREATE TABLE passkeys (
	env             bigint NOT NULL,
	id              text COLLATE "C" NOT NULL,
	customer        bytea NOT NULL,
	rp_id           text COLLATE "C" NOT NULL,
	handle          bytea NOT NULL,
	public_key      bytea NOT NULL,
	sign_count      bigint NOT NULL,
	aaguid          bytea NOT NULL,
	transports      text COLLATE "C" NOT NULL,
	backup_known    bigint NOT NULL,
	backup_eligible bigint NOT NULL,
	backed_up       bigint NOT NULL,
	discoverable    bigint NOT NULL,
	label           text COLLATE "C" NOT NULL,
	source          text COLLATE "C" NOT NULL,
	created         bigint NOT NULL,
	used            bigint NOT NULL,
	version         bigint NOT NULL,
	PRIMARY KEY (env, customer, id),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
);
CREATE UNIQUE INDEX passkeys_id ON passkeys (env, id);
CREATE INDEX passkeys_handle ON passkeys (env, rp_id, handle, created, id);

-- Earlier systems let people have several apps; those go on working side by side.

ALTER TABLE factors ADD COLUMN slot bigint NOT NULL DEFAULT 0;
ALTER TABLE factors ADD COLUMN label text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE factors ADD COLUMN source text COLLATE "C" NOT NULL DEFAULT '';
DROP INDEX factors_customer;
CREATE UNIQUE INDEX factors_customer ON factors (env, customer, kind, slot);
