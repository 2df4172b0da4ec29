step 0: nonTaxPayments ← enforcement (罚款缴款, list)
    SELECT cas.payment.payment_code AS c0, cas."case".case_no AS c1, cas.payment.document_no AS c2, cas.payment.payer_name AS c3, cas.payment.item_code AS c4, CAST(cas.payment.amount_due AS TEXT) AS c5, CAST(cas.payment.surcharge_due AS TEXT) AS c6, CAST(cas.payment.amount_due AS TEXT) AS c7, CAST(cas.payment.amount_paid AS TEXT) AS c8, cas.payment.due_on AS c9, cas.payment.status AS c10, coalesce(cas.payment.source_updated_at, cas.payment.fetched_at) AS c11 
    FROM cas.payment JOIN cas."case" ON cas."case".case_id = cas.payment.case_id 
    WHERE cas.payment.payment_code = ANY ($1::VARCHAR[]) ORDER BY cas.payment.due_on, cas.payment.payment_code
  step 1: nonTaxPayments.instalments ← enforcement (分期缴款, list)
      SELECT cas.payment_instalment.no AS c0, cas.payment_instalment.due_on AS c1, CAST(cas.payment_instalment.amount AS TEXT) AS c2, cas.payment_instalment.paid AS c3, cas.payment_instalment.payment_code AS k0 
      FROM cas.payment_instalment 
      WHERE cas.payment_instalment.payment_code = ANY ($1::VARCHAR[]) ORDER BY cas.payment_instalment.no
  step 2: nonTaxPayments.receipts ← enforcement (缴款票据, list)
      SELECT cas.payment_receipt.bill_code AS c0, cas.payment_receipt.bill_no AS c1, CAST(cas.payment_receipt.amount AS TEXT) AS c2, cas.payment_receipt.paid_at AS c3, cas.payment_receipt.channel_code AS c4, cas.payment_receipt.payment_code AS k0 
      FROM cas.payment_receipt 
      WHERE cas.payment_receipt.payment_code = ANY ($1::VARCHAR[]) ORDER BY cas.payment_receipt.paid_at, cas.payment_receipt.bill_code, cas.payment_receipt.bill_no
3 statements on 1 databases
