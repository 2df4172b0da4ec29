-- $1 keys of organisations
SELECT org_id AS key, name, level, parent_org_id FROM "off".org WHERE org_id = ANY ($1::uuid[]) AND NOT sealed
