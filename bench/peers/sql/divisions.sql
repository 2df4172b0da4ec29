-- $1 codes of divisions
SELECT code AS key, name FROM div.division WHERE code = ANY ($1::text[])
