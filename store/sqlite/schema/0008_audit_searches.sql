-- +goose Up

-- Searches of a ledger of millions: by type, by operator, and for refusals. The
-- type that most of a ledger is has no entries, so that the hottest write of the
-- product does not pay; the contract's AuditEvents says what that means.

CREATE INDEX audit_events_type ON audit_events (env, type, at, writer, seq) WHERE type <> 'token.issued';
CREATE INDEX audit_events_operator ON audit_events (env, actor, at, writer, seq) WHERE actor >= 'operator/' AND actor < 'operator0';
CREATE INDEX audit_events_refused ON audit_events (env, at, writer, seq) WHERE result <> 'ok';

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('audit_events', 'audit_events_type', '9000000 9000000 30000 2 1 1'),
	('audit_events', 'audit_events_operator', '900000 900000 10000 2 1 1'),
	('audit_events', 'audit_events_refused', '900000 900000 2 1 1');
ANALYZE sqlite_schema;
