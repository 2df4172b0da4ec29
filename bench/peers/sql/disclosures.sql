-- $1 kinds, $2 beginning of the division, $3 the last day of the decision, $4 today
SELECT d.disclosure_id AS "disclosureId", d.kind, d.document_no AS "documentNo", d.subject_uscc AS "subjectUscc",
       d.decided_on AS "decidedOn", d.publish_until AS "publishUntil", d.cause_code, d.org_id, d.division_code
FROM gw.disclosure d
WHERE d.state = '2' AND (d.publish_until IS NULL OR d.publish_until >= $4::date) AND NOT d.sealed
  AND d.kind = ANY ($1::text[]) AND d.division_code LIKE $2 || '%' AND d.decided_on <= $3::date
ORDER BY d.decided_on DESC, d.disclosure_id DESC LIMIT 50
