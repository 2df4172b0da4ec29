"""The root fields: each domain's own, in one type."""

from __future__ import annotations

import strawberry

from resolvers.access_log import AccessLogQuery
from resolvers.anomalies import AnomalyQuery
from resolvers.case import CaseQuery
from resolvers.certificate import CertificateQuery
from resolvers.coverage import CoverageQuery
from resolvers.deadline_risks import DeadlineRiskQuery
from resolvers.directories import DirectoryQuery
from resolvers.disclosure import DisclosureQuery
from resolvers.feed import FeedQuery, FeedSubscription
from resolvers.findings import FindingQuery
from resolvers.handover import TransferMutation
from resolvers.legal_entity import LegalEntityQuery
from resolvers.matter import MatterQuery
from resolvers.node import NodeQuery
from resolvers.outbox import OutboxQuery
from resolvers.payment import PaymentQuery
from resolvers.payment_report import PaymentMutation, ReconciliationQuery
from resolvers.personnel import PersonnelQuery
from resolvers.population import PopulationQuery
from resolvers.property import PropertyQuery
from resolvers.regulation import RegulationQuery
from resolvers.sampling import SamplingMutation, SamplingQuery
from resolvers.search import SearchQuery
from resolvers.statistics import StatisticsQuery
from resolvers.temporary_task import TemporaryTaskMutation, TemporaryTaskQuery
from resolvers.transfer import TransferQuery
from resolvers.types import value
from resolvers.vehicle import VehicleQuery
from resolvers.who_looked import WhoLookedQuery


@value("查询")
class Query(
    NodeQuery,
    SearchQuery,
    PopulationQuery,
    LegalEntityQuery,
    PropertyQuery,
    VehicleQuery,
    CertificateQuery,
    PersonnelQuery,
    RegulationQuery,
    MatterQuery,
    CaseQuery,
    DisclosureQuery,
    FeedQuery,
    PaymentQuery,
    ReconciliationQuery,
    TransferQuery,
    OutboxQuery,
    StatisticsQuery,
    AccessLogQuery,
    WhoLookedQuery,
    AnomalyQuery,
    TemporaryTaskQuery,
    SamplingQuery,
    DirectoryQuery,
    DeadlineRiskQuery,
    FindingQuery,
    CoverageQuery,
):
    """Everything that can be asked."""


@strawberry.type(description="Everything that can be changed.（变更）")
class Mutation(TransferMutation, PaymentMutation, TemporaryTaskMutation, SamplingMutation):
    """Changes of records go to the case systems; the gateway keeps temporary tasks, draws, what it handed over, and no cases of its own."""


@value("订阅")
class Subscription(FeedSubscription):
    """Everything that can be followed."""
