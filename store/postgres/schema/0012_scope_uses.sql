-- +goose Up

-- The last day on which an application was issued a scope. The row without a server
-- has the day on which the record of its environment begins.

CREATE TABLE scope_uses (
	env         bigint NOT NULL,
	server      text COLLATE "C" NOT NULL,
	scope       text COLLATE "C" NOT NULL,
	application text COLLATE "C" NOT NULL,
	day         bigint NOT NULL,
	PRIMARY KEY (env, server, scope, application)
);
