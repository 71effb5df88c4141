-- +goose Up

-- Searches of a ledger of millions: by type, by operator, and for refusals. The
-- type that most of a ledger is has no entries, so that the hottest write of the
-- product does not pay; the contract's AuditEvents says what that means.

CREATE INDEX audit_events_type ON audit_events (env, type, at, writer, seq) WHERE type <> 'token.issued';
CREATE INDEX audit_events_operator ON audit_events (env, actor, at, writer, seq) WHERE actor >= 'operator/' AND actor < 'operator0';
CREATE INDEX audit_events_refused ON audit_events (env, at, writer, seq) WHERE result <> 'ok';
