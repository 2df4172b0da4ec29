step 0: matters ← matter (执法事项, page)
    SELECT page.c0, page.c1, page.c2, page.c3, page.c4, page.c5, page.c6, page.c7, page.c8, page.s0, page.s1, counted.total, page.present
    FROM (SELECT count(*) AS total
    FROM mat.matter
    WHERE mat.matter.sealed = false AND mat.matter.org_uscc = $1::VARCHAR AND mat.matter.type_code = $2::VARCHAR AND (mat.matter.effective_from IS NULL OR mat.matter.effective_from <= $3::DATE) AND (mat.matter.effective_to IS NULL OR mat.matter.effective_to >= $3::DATE)) AS counted LEFT OUTER JOIN (SELECT mat.matter.implementation_code AS c0, mat.matter.basic_code AS c1, mat.matter.name AS c2, mat.matter.type_code AS c3, mat.matter.exercise_level AS c4, mat.matter.status_code AS c5, mat.matter.version AS c6, mat.matter.effective_from AS c7, mat.matter.matter_id AS c8, CAST(mat.matter.implementation_code AS TEXT) AS s0, CAST(mat.matter.version AS TEXT) AS s1, true AS present
    FROM mat.matter
    WHERE mat.matter.sealed = false AND mat.matter.org_uscc = $1::VARCHAR AND mat.matter.type_code = $2::VARCHAR AND (mat.matter.effective_from IS NULL OR mat.matter.effective_from <= $3::DATE) AND (mat.matter.effective_to IS NULL OR mat.matter.effective_to >= $3::DATE) ORDER BY mat.matter.implementation_code, mat.matter.version
     LIMIT $4::INTEGER) AS page ON true
  step 1: matters.nodes.legalBasis ← matter (事项依据, list)
      SELECT page.c0, page.c1, keys.k0, keys.k1
      FROM unnest($1::UUID[], $2::INTEGER[]) AS keys(k0, k1) JOIN LATERAL (SELECT mat.matter_basis.role_code AS c0, mat.matter_basis.article_id AS c1, true AS present
      FROM mat.matter_basis
      WHERE mat.matter_basis.matter_id = keys.k0 AND mat.matter_basis.version = keys.k1 ORDER BY mat.matter_basis.role_code, mat.matter_basis.article_id) AS page ON true
    step 2: matters.nodes.legalBasis.article ← regulation (法规条款, one)
        SELECT reg.article.article_no AS c0, reg.article.paragraph_no AS c1, reg.article.text AS c2, reg.article.effective_from AS c3, reg.article.effective_to AS c4, reg.article.regulation_id AS c5, reg.article.article_id AS k0
        FROM reg.article
        WHERE reg.article.article_id = ANY ($1::UUID[])
      step 3: matters.nodes.legalBasis.article.regulation ← regulation (法规, one)
          SELECT reg.regulation.title AS c0, reg.regulation.doc_no AS c1, reg.regulation.level_code AS c2, reg.regulation.effective_on AS c3, reg.regulation.status_code AS c4, reg.regulation.regulation_id AS k0
          FROM reg.regulation
          WHERE reg.regulation.sealed = false AND reg.regulation.regulation_id = ANY ($1::UUID[])
  step 4: matters.nodes.discretionStandards ← matter (裁量基准, list)
      SELECT mat.discretion.grade AS c0, mat.discretion.condition AS c1, mat.discretion.measure AS c2, CAST(mat.discretion.amount_min AS TEXT) AS c3, CAST(mat.discretion.amount_max AS TEXT) AS c4, mat.matter_cause.matter_id AS k0
      FROM mat.discretion JOIN mat.matter_cause ON mat.matter_cause.cause_code = mat.discretion.cause_code
      WHERE mat.matter_cause.matter_id = ANY ($1::UUID[]) ORDER BY mat.discretion.cause_code, mat.discretion.discretion_id
  step 5: matters.nodes.supervisionMatters ← matter (监管事项, list)
      SELECT mat.matter_supervision.supervision_code AS c0, mat.matter_supervision.checklist_code AS c1, mat.matter_supervision.supervision_name AS c2, mat.matter_supervision.implementation_code AS c3, mat.matter_supervision.implementation_code AS k0
      FROM mat.matter_supervision
      WHERE mat.matter_supervision.implementation_code = ANY ($1::VARCHAR[]) ORDER BY mat.matter_supervision.implementation_code, mat.matter_supervision.supervision_code
clear matters (Query.matters) by public-links
clear matters.nodes.implementationCode (Matter.implementationCode) by public-data
clear matters.nodes.basicCode (Matter.basicCode) by public-data
clear matters.nodes.name (Matter.name) by public-data
clear matters.nodes.matterType (Matter.matterType) by public-data
clear matters.nodes.exerciseLevel (Matter.exerciseLevel) by public-data
clear matters.nodes.status (Matter.status) by public-data
clear matters.nodes.version (Matter.version) by public-data
clear matters.nodes.effectiveFrom (Matter.effectiveFrom) by public-data
clear matters.nodes.legalBasis (Matter.legalBasis) by public-links
clear matters.nodes.legalBasis.role (LegalBasis.role) by public-data
clear matters.nodes.legalBasis.article (LegalBasis.article) by public-links
clear matters.nodes.legalBasis.article.articleNo (RegulationArticle.articleNo) by public-data
clear matters.nodes.legalBasis.article.paragraph (RegulationArticle.paragraph) by public-data
clear matters.nodes.legalBasis.article.text (RegulationArticle.text) by public-data
clear matters.nodes.legalBasis.article.effectiveFrom (RegulationArticle.effectiveFrom) by public-data
clear matters.nodes.legalBasis.article.effectiveTo (RegulationArticle.effectiveTo) by public-data
clear matters.nodes.legalBasis.article.regulation (RegulationArticle.regulation) by public-links
clear matters.nodes.legalBasis.article.regulation.title (Regulation.title) by public-data
clear matters.nodes.legalBasis.article.regulation.docNo (Regulation.docNo) by public-data
clear matters.nodes.legalBasis.article.regulation.level (Regulation.level) by public-data
clear matters.nodes.legalBasis.article.regulation.effectiveOn (Regulation.effectiveOn) by public-data
clear matters.nodes.legalBasis.article.regulation.status (Regulation.status) by public-data
clear matters.nodes.discretionStandards (Matter.discretionStandards) by public-links
clear matters.nodes.discretionStandards.grade (DiscretionStandard.grade) by public-data
clear matters.nodes.discretionStandards.condition (DiscretionStandard.condition) by public-data
clear matters.nodes.discretionStandards.measure (DiscretionStandard.measure) by public-data
clear matters.nodes.discretionStandards.amountMin (DiscretionStandard.amountMin) by public-data
clear matters.nodes.discretionStandards.amountMax (DiscretionStandard.amountMax) by public-data
clear matters.nodes.supervisionMatters (Matter.supervisionMatters) by officer-general-links
clear matters.nodes.supervisionMatters.supervisionCode (SupervisionMatter.supervisionCode) by officer-general
clear matters.nodes.supervisionMatters.checklistCode (SupervisionMatter.checklistCode) by officer-general
clear matters.nodes.supervisionMatters.name (SupervisionMatter.name) by officer-general
6 statements on 2 databases
