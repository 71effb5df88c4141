-- +goose Up

-- The last day on which an application was issued a scope. The row without a server
-- has the day on which the record of its environment begins.

CREATE TABLE scope_uses (
	env         INTEGER NOT NULL,
	server      TEXT NOT NULL,
	scope       TEXT NOT NULL,
	application TEXT NOT NULL,
	day         INTEGER NOT NULL,
	PRIMARY KEY (env, server, scope, application)
) STRICT, WITHOUT ROWID;
