-- $1 codes of causes
SELECT cause_code AS key, cause_name AS name FROM mat.matter_cause WHERE cause_code = ANY ($1::text[])
