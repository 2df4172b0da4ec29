-- $1 unified social credit codes of organisations
SELECT uscc AS key, name FROM "off".org WHERE uscc = ANY ($1::text[]) AND NOT sealed
