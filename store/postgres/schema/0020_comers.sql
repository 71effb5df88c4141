-- +goose Up

-- Which records a decision names, so that one of them that comes alone is found.

CREATE TABLE rival_names (
	env bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	grp text COLLATE "C" NOT NULL,
	PRIMARY KEY (env, migration, key, grp)
);
CREATE INDEX rival_names_grp ON rival_names (env, migration, grp);
INSERT INTO rival_names (env, migration, key, grp)
	SELECT d.env, d.migration, j.value, d.grp FROM rival_decisions d,
		jsonb_array_elements_text(convert_from(d.decision, 'UTF8')::jsonb -> 'claimants') AS j(value)
	ON CONFLICT DO NOTHING;

-- Keyed digests of what people could be found by who were erased here.

CREATE TABLE migration_tombstones (
	env bigint NOT NULL,
	migration text COLLATE "C" NOT NULL,
	digest text COLLATE "C" NOT NULL,
	PRIMARY KEY (env, migration, digest)
);
