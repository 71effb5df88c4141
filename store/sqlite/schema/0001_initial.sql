-- +goose Up

-- Integers, text and blobs, never NULL. Times are microseconds since 1970 in
-- UTC, 0 for none; flags are 0 or 1. Every key leads with the environment.
-- Tables with long rows keep their rowid: SQLite stores those better.

CREATE TABLE environments (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	tenant    TEXT NOT NULL,
	name      TEXT NOT NULL,
	protected INTEGER NOT NULL,
	revision  INTEGER NOT NULL,
	created   INTEGER NOT NULL,
	UNIQUE (tenant, name)
) STRICT;

INSERT INTO environments (id, tenant, name, protected, revision, created) VALUES (1, 'system', 'system', 0, 0, 0);

CREATE TABLE revisions (
	env         INTEGER NOT NULL,
	number      INTEGER NOT NULL,
	base        INTEGER NOT NULL,
	digest      BLOB NOT NULL,
	author      TEXT NOT NULL,
	message     TEXT NOT NULL,
	break_glass TEXT NOT NULL,
	created     INTEGER NOT NULL,
	content     BLOB NOT NULL,
	PRIMARY KEY (env, number)
) STRICT;

-- The feed spans environments, so its one order leads.
CREATE TABLE feed (
	position INTEGER PRIMARY KEY,
	env      INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	subject  TEXT NOT NULL,
	at       INTEGER NOT NULL,
	until    INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_until ON feed (env, until);

CREATE TABLE feed_head (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL) STRICT;
INSERT INTO feed_head VALUES (1, 0);

CREATE TABLE customers (
	env        INTEGER NOT NULL,
	id         BLOB NOT NULL,
	state      TEXT NOT NULL,
	name       TEXT NOT NULL,
	groups     TEXT NOT NULL,
	attributes TEXT NOT NULL,
	not_before INTEGER NOT NULL,
	created    INTEGER NOT NULL,
	updated    INTEGER NOT NULL,
	version    INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE identifiers (
	env      INTEGER NOT NULL,
	kind     TEXT NOT NULL,
	value    TEXT NOT NULL,
	customer BLOB NOT NULL,
	display  TEXT NOT NULL,
	verified INTEGER NOT NULL,
	source   TEXT NOT NULL,
	PRIMARY KEY (env, kind, value),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_customer ON identifiers (env, customer);

CREATE TABLE credentials (
	env      INTEGER NOT NULL,
	customer BLOB NOT NULL,
	sealed   BLOB NOT NULL,
	scheme   TEXT NOT NULL,
	weak     INTEGER NOT NULL,
	updated  INTEGER NOT NULL,
	version  INTEGER NOT NULL,
	PRIMARY KEY (env, customer),
	FOREIGN KEY (env, customer) REFERENCES customers (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_weak ON credentials (env, customer) WHERE weak = 1;

CREATE TABLE sessions (
	env         INTEGER NOT NULL,
	id          BLOB NOT NULL,
	secret_hash BLOB NOT NULL,
	customer    BLOB NOT NULL,
	signed_in   INTEGER NOT NULL,
	assurance   TEXT NOT NULL,
	methods     TEXT NOT NULL,
	created     INTEGER NOT NULL,
	expires     INTEGER NOT NULL,
	ended       INTEGER NOT NULL,
	agent       TEXT NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_expires ON sessions (env, expires);

CREATE TABLE grants (
	env          INTEGER NOT NULL,
	id           BLOB NOT NULL,
	application  TEXT NOT NULL,
	server       TEXT NOT NULL,
	customer     BLOB NOT NULL,
	session      BLOB NOT NULL,
	grant_type   TEXT NOT NULL,
	scopes       TEXT NOT NULL,
	detail       BLOB NOT NULL,
	counter      INTEGER NOT NULL,
	refreshable  INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	expires      INTEGER NOT NULL,
	idle_expires INTEGER NOT NULL,
	revoked      INTEGER NOT NULL,
	reason       TEXT NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_expires ON grants (env, expires);
CREATE INDEX grants_session ON grants (env, session) WHERE revoked = 0;

CREATE TABLE attempts (
	env     INTEGER NOT NULL,
	key     BLOB NOT NULL,
	full_at INTEGER NOT NULL,
	PRIMARY KEY (env, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_full_at ON attempts (env, full_at);

CREATE TABLE keys (
	env       INTEGER NOT NULL,
	owner     TEXT NOT NULL,
	id        TEXT NOT NULL,
	algorithm TEXT NOT NULL,
	state     TEXT NOT NULL,
	sealed    BLOB NOT NULL,
	public    BLOB NOT NULL,
	created   INTEGER NOT NULL,
	activated INTEGER NOT NULL,
	expires   INTEGER NOT NULL,
	PRIMARY KEY (env, owner, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX keys_in_use ON keys (env, owner, algorithm, state) WHERE state <> 'old';

CREATE TABLE secrets (
	env         INTEGER NOT NULL,
	application TEXT NOT NULL,
	id          TEXT NOT NULL,
	hash        BLOB NOT NULL,
	created     INTEGER NOT NULL,
	expires     INTEGER NOT NULL,
	PRIMARY KEY (env, application, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
	env            INTEGER NOT NULL,
	id             TEXT NOT NULL,
	application    TEXT NOT NULL,
	product        TEXT NOT NULL,
	primary_hash   BLOB NOT NULL,
	secondary_hash BLOB NOT NULL,
	state          TEXT NOT NULL,
	created        INTEGER NOT NULL,
	expires        INTEGER NOT NULL,
	version        INTEGER NOT NULL,
	PRIMARY KEY (env, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_application ON subscriptions (env, application, id);

CREATE TABLE subscription_keys (
	env          INTEGER NOT NULL,
	hash         BLOB NOT NULL,
	subscription TEXT NOT NULL,
	PRIMARY KEY (env, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_keys_subscription ON subscription_keys (env, subscription);

CREATE TABLE audit_events (
	env         INTEGER NOT NULL,
	writer      INTEGER NOT NULL,
	seq         INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	type        TEXT NOT NULL,
	actor       TEXT NOT NULL,
	application TEXT NOT NULL,
	customer    TEXT NOT NULL,
	result      TEXT NOT NULL,
	trace       TEXT NOT NULL,
	body        BLOB NOT NULL,
	personal    BLOB NOT NULL,
	salt        BLOB NOT NULL,
	erased      INTEGER NOT NULL,
	hash        BLOB NOT NULL,
	PRIMARY KEY (env, writer, seq)
) STRICT;
CREATE INDEX audit_events_at ON audit_events (env, at, writer, seq);
CREATE INDEX audit_events_application ON audit_events (env, application, at, writer, seq) WHERE application <> '';
CREATE INDEX audit_events_customer ON audit_events (env, customer, at, writer, seq) WHERE customer <> '';
CREATE INDEX audit_events_trace ON audit_events (env, trace) WHERE trace <> '';

CREATE TABLE audit_heads (
	env    INTEGER NOT NULL,
	writer INTEGER NOT NULL,
	seq    INTEGER NOT NULL,
	hash   BLOB NOT NULL,
	PRIMARY KEY (env, writer)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_checkpoints (
	env       INTEGER NOT NULL,
	at        INTEGER NOT NULL,
	key_id    TEXT NOT NULL,
	heads     BLOB NOT NULL,
	signature BLOB NOT NULL,
	PRIMARY KEY (env, at, key_id)
) STRICT;

CREATE TABLE migration_runs (
	env        INTEGER NOT NULL,
	migration  TEXT NOT NULL,
	id         TEXT NOT NULL,
	source     TEXT NOT NULL,
	digest     BLOB NOT NULL,
	total      INTEGER NOT NULL,
	done       INTEGER NOT NULL,
	checkpoint BLOB NOT NULL,
	state      TEXT NOT NULL,
	started    INTEGER NOT NULL,
	updated    INTEGER NOT NULL,
	version    INTEGER NOT NULL,
	PRIMARY KEY (env, migration, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE migration_counts (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	state     TEXT NOT NULL,
	records   INTEGER NOT NULL,
	PRIMARY KEY (env, migration, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE migration_records (
	env        INTEGER NOT NULL,
	migration  TEXT NOT NULL,
	key        TEXT NOT NULL,
	step       INTEGER NOT NULL,
	state      TEXT NOT NULL,
	reason     TEXT NOT NULL,
	detail     TEXT NOT NULL,
	row_number INTEGER NOT NULL,
	customer   TEXT NOT NULL,
	run        TEXT NOT NULL,
	at         INTEGER NOT NULL,
	PRIMARY KEY (env, migration, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX migration_records_state ON migration_records (env, migration, state, key) WHERE state <> 'imported';

-- What migration_records held before: together they are the append-only ledger.
CREATE TABLE migration_history (
	env        INTEGER NOT NULL,
	migration  TEXT NOT NULL,
	key        TEXT NOT NULL,
	step       INTEGER NOT NULL,
	state      TEXT NOT NULL,
	reason     TEXT NOT NULL,
	detail     TEXT NOT NULL,
	row_number INTEGER NOT NULL,
	customer   TEXT NOT NULL,
	run        TEXT NOT NULL,
	at         INTEGER NOT NULL,
	PRIMARY KEY (env, migration, key, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
	env          INTEGER NOT NULL,
	subscription TEXT NOT NULL,
	minute       INTEGER NOT NULL,
	operation    TEXT NOT NULL,
	calls        INTEGER NOT NULL,
	bytes        INTEGER NOT NULL,
	PRIMARY KEY (env, subscription, minute, operation)
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_roles (
	env         INTEGER NOT NULL,
	operator    BLOB NOT NULL,
	role        TEXT NOT NULL,
	tenant      TEXT NOT NULL,
	environment TEXT NOT NULL,
	server      TEXT NOT NULL,
	since       INTEGER NOT NULL,
	PRIMARY KEY (env, operator, role, tenant, environment, server)
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_links (
	env         INTEGER NOT NULL,
	hash        BLOB NOT NULL,
	operator    BLOB NOT NULL,
	role        TEXT NOT NULL,
	tenant      TEXT NOT NULL,
	environment TEXT NOT NULL,
	server      TEXT NOT NULL,
	made_by     TEXT NOT NULL,
	created     INTEGER NOT NULL,
	expires     INTEGER NOT NULL,
	PRIMARY KEY (env, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_links_expires ON operator_links (env, expires);

-- What the planner cannot guess: that one environment has nearly all rows of a table,
-- so that env alone selects nothing. These are the statistics of a large one, as
-- ANALYZE would find them; for a small one they do no harm.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('customers', 'customers', '4000000 4000000 1'),
	('credentials', 'credentials', '4000000 4000000 1'),
	('credentials', 'credentials_weak', '1000000 1000000 1'),
	('sessions', 'sessions', '4000000 4000000 1'),
	('sessions', 'sessions_expires', '4000000 4000000 2'),
	('identifiers', 'identifiers', '4000000 4000000 2000000 1'),
	('identifiers', 'identifiers_customer', '4000000 4000000 3'),
	('grants', 'grants', '4000000 4000000 1'),
	('grants', 'grants_expires', '4000000 4000000 2'),
	('grants', 'grants_session', '4000000 4000000 3'),
	('audit_events', 'sqlite_autoindex_audit_events_1', '90000000 90000000 90000000 1'),
	('audit_events', 'audit_events_at', '90000000 90000000 2 1 1'),
	('audit_events', 'audit_events_application', '90000000 90000000 500000 2 1 1'),
	('audit_events', 'audit_events_customer', '90000000 90000000 30 2 1 1'),
	('audit_events', 'audit_events_trace', '1000000 1000000 2');
ANALYZE sqlite_schema;
