step 0: nonTaxPayments ← enforcement (罚款缴款, list)
    SELECT cas.payment.payment_code AS c0, cas."case".case_no AS c1, cas.payment.document_no AS c2, CASE WHEN (cas.payment.payer_mark <= 0) THEN cas.payment.payer_name END AS c3, cas.payment.item_code AS c4, CAST(cas.payment.amount_due AS TEXT) AS c5, CAST(cas.payment.surcharge_due AS TEXT) AS c6, CAST(cas.payment.amount_due AS TEXT) AS c7, CAST(cas.payment.amount_paid AS TEXT) AS c8, cas.payment.due_on AS c9, cas.payment.status AS c10, coalesce(cas.payment.source_updated_at, cas.payment.fetched_at) AS c11
    FROM cas.payment JOIN cas."case" ON cas."case".case_id = cas.payment.case_id
    WHERE cas.payment.sealed = false AND (EXISTS (SELECT 1
    FROM cas.disclosure AS published
    WHERE published.case_id = cas."case".case_id AND published.state = '2' AND published.published_at IS NOT NULL AND (published.publish_until IS NULL OR published.publish_until >= $1::DATE) AND published.sealed = false AND published.subject_mark <= 0)) AND cas."case".sealed = false AND cas."case".secret_flag IS NOT true AND cas.payment.payment_code = ANY ($2::VARCHAR[]) ORDER BY cas.payment.due_on, cas.payment.payment_code
  step 1: nonTaxPayments.instalments ← enforcement (分期缴款, list)
      SELECT cas.payment_instalment.no AS c0, cas.payment_instalment.due_on AS c1, CAST(cas.payment_instalment.amount AS TEXT) AS c2, cas.payment_instalment.paid AS c3, cas.payment_instalment.payment_code AS c4, cas.payment_instalment.payment_code AS k0
      FROM cas.payment_instalment
      WHERE cas.payment_instalment.payment_code = ANY ($1::VARCHAR[]) ORDER BY cas.payment_instalment.no
  step 2: nonTaxPayments.receipts ← enforcement (缴款票据, list)
      SELECT cas.payment_receipt.bill_code AS c0, cas.payment_receipt.bill_no AS c1, CAST(cas.payment_receipt.amount AS TEXT) AS c2, cas.payment_receipt.paid_at AS c3, cas.payment_receipt.channel_code AS c4, cas.payment_receipt.payment_code AS k0
      FROM cas.payment_receipt
      WHERE cas.payment_receipt.payment_code = ANY ($1::VARCHAR[]) ORDER BY cas.payment_receipt.paid_at, cas.payment_receipt.bill_code, cas.payment_receipt.bill_no
clear nonTaxPayments (Query.nonTaxPayments) by payments-for-finance-links
clear nonTaxPayments.paymentCode (NonTaxPayment.paymentCode) by payments-for-finance
clear nonTaxPayments.caseNo (NonTaxPayment.caseNo) by payments-for-finance
clear nonTaxPayments.documentNo (NonTaxPayment.documentNo) by payments-for-finance
clear nonTaxPayments.payerName (NonTaxPayment.payerName) by payments-for-finance
clear nonTaxPayments.itemCode (NonTaxPayment.itemCode) by payments-for-finance
clear nonTaxPayments.amountDue (NonTaxPayment.amountDue) by payments-for-finance
clear nonTaxPayments.surchargeDue (NonTaxPayment.surchargeDue) by payments-for-finance
clear nonTaxPayments.surchargeCap (NonTaxPayment.surchargeCap) by payments-for-finance
clear nonTaxPayments.amountPaid (NonTaxPayment.amountPaid) by payments-for-finance
clear nonTaxPayments.dueOn (NonTaxPayment.dueOn) by payments-for-finance
clear nonTaxPayments.status (NonTaxPayment.status) by payments-for-finance
clear nonTaxPayments.instalments (NonTaxPayment.instalments) by payments-for-finance-links
clear nonTaxPayments.instalments.no (Instalment.no) by payments-for-finance
clear nonTaxPayments.instalments.dueOn (Instalment.dueOn) by payments-for-finance
clear nonTaxPayments.instalments.amount (Instalment.amount) by payments-for-finance
clear nonTaxPayments.instalments.paid (Instalment.paid) by payments-for-finance
clear nonTaxPayments.receipts (NonTaxPayment.receipts) by payments-for-finance-links
clear nonTaxPayments.receipts.billCode (Receipt.billCode) by payments-for-finance
clear nonTaxPayments.receipts.billNo (Receipt.billNo) by payments-for-finance
clear nonTaxPayments.receipts.amount (Receipt.amount) by payments-for-finance
clear nonTaxPayments.receipts.paidAt (Receipt.paidAt) by payments-for-finance
clear nonTaxPayments.receipts.channel (Receipt.channel) by payments-for-finance
clear nonTaxPayments.updatedAt (NonTaxPayment.updatedAt) by public-data
3 statements on 1 databases
