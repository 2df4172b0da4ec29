-- $1 keys of organisations
SELECT entity_id AS key, name AS "displayName", uscc, established_on AS "establishedOn"
FROM ent.entity
WHERE entity_id = ANY ($1::uuid[]) AND NOT sealed
