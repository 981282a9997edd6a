"""Stand-ins for vendors' ticket systems, on loopback: they keep tickets, check every request, and fail as they are told."""

from tests.vendors.base import Vendor
from tests.vendors.email import EmailVendor
from tests.vendors.freshdesk import FreshdeskVendor
from tests.vendors.github import GitHubVendor
from tests.vendors.gitlab import GitLabVendor
from tests.vendors.intercom import IntercomVendor
from tests.vendors.jira import JiraVendor
from tests.vendors.jira_dc import JiraDataCenterVendor
from tests.vendors.jsm import JsmVendor
from tests.vendors.linear import LinearVendor
from tests.vendors.redmine import RedmineVendor
from tests.vendors.roundup import RoundupVendor
from tests.vendors.rt import RtVendor
from tests.vendors.slack import SlackVendor
from tests.vendors.webhook import WebhookVendor
from tests.vendors.zammad import ZammadVendor
from tests.vendors.zendesk import ZendeskVendor

VENDORS: tuple[type[Vendor], ...] = (
    EmailVendor,
    FreshdeskVendor,
    GitHubVendor,
    GitLabVendor,
    IntercomVendor,
    JiraDataCenterVendor,
    JiraVendor,
    JsmVendor,
    LinearVendor,
    RedmineVendor,
    RoundupVendor,
    RtVendor,
    SlackVendor,
    WebhookVendor,
    ZammadVendor,
    ZendeskVendor,
)
