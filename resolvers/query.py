"""The root fields: each domain's own, in one type."""

from __future__ import annotations

from resolvers.access_log import AccessLogQuery
from resolvers.anomalies import AnomalyQuery
from resolvers.case import CaseQuery
from resolvers.certificate import CertificateQuery
from resolvers.disclosure import DisclosureQuery
from resolvers.feed import FeedQuery
from resolvers.legal_entity import LegalEntityQuery
from resolvers.matter import MatterQuery
from resolvers.node import NodeQuery
from resolvers.payment import PaymentQuery
from resolvers.personnel import PersonnelQuery
from resolvers.population import PopulationQuery
from resolvers.property import PropertyQuery
from resolvers.regulation import RegulationQuery
from resolvers.search import SearchQuery
from resolvers.statistics import StatisticsQuery
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
    TransferQuery,
    StatisticsQuery,
    AccessLogQuery,
    WhoLookedQuery,
    AnomalyQuery,
):
    """Everything that can be asked."""
