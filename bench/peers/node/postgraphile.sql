-- PostGraphile makes root fields of what it finds: by a unique column where the table says so (an index alone does not), and of functions.
COMMENT ON TABLE ent.entity IS '@unique uscc';
CREATE SCHEMA IF NOT EXISTS bench;
CREATE OR REPLACE FUNCTION bench.legal_entities(established_from date) RETURNS SETOF ent.entity LANGUAGE sql STABLE AS
$$ SELECT * FROM ent.entity WHERE established_on >= established_from AND NOT sealed ORDER BY entity_id $$;
GRANT USAGE ON SCHEMA bench TO tongcha_legal_entity;
