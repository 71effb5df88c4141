-- +goose Up

-- Which records a decision names, so that one of them that comes alone is found.

CREATE TABLE rival_names (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	key       TEXT NOT NULL,
	grp       TEXT NOT NULL,
	PRIMARY KEY (env, migration, key, grp)
) STRICT, WITHOUT ROWID;
CREATE INDEX rival_names_grp ON rival_names (env, migration, grp);
INSERT OR IGNORE INTO rival_names (env, migration, key, grp)
	SELECT d.env, d.migration, j.value, d.grp FROM rival_decisions d, json_each(CAST(d.decision AS TEXT), '$.claimants') j;

-- Keyed digests of what people could be found by who were erased here.

CREATE TABLE migration_tombstones (
	env       INTEGER NOT NULL,
	migration TEXT NOT NULL,
	digest    TEXT NOT NULL,
	PRIMARY KEY (env, migration, digest)
) STRICT, WITHOUT ROWID;
