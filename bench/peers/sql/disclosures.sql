-- $1 kinds, $2 beginning of the division, $3 the last day of the decision, $4 today
SELECT d.disclosure_id AS "disclosureId", c.kind, n.document_no AS "documentNo", d.subject_uscc AS "subjectUscc",
       c.decided_on AS "decidedOn", d.publish_until AS "publishUntil", c.cause_code, c.org_id, c.division_code
FROM cas.disclosure d
JOIN cas."case" c ON c.case_id = d.case_id
LEFT JOIN cas.decision n ON n.case_id = d.case_id
WHERE d.state = '2' AND (d.publish_until IS NULL OR d.publish_until >= $4::date) AND d.published_at IS NOT NULL
  AND NOT d.sealed AND NOT c.sealed AND c.kind = ANY ($1::text[]) AND c.division_code LIKE $2 || '%'
  AND c.decided_on <= $3::date
ORDER BY c.decided_on DESC, d.disclosure_id DESC LIMIT 50
