"""The ticket systems: each file tells one of them what a clip is, in its own idiom."""

from typing import Final

from renderer.deliver.system import System
from renderer.deliver.systems.console import Console
from renderer.deliver.systems.email import Email
from renderer.deliver.systems.freshdesk import Freshdesk
from renderer.deliver.systems.github import GitHub
from renderer.deliver.systems.gitlab import GitLab
from renderer.deliver.systems.intercom import Intercom
from renderer.deliver.systems.jira import Jira
from renderer.deliver.systems.jira_dc import JiraDataCenter
from renderer.deliver.systems.jsm import JiraServiceManagement
from renderer.deliver.systems.linear import Linear
from renderer.deliver.systems.redmine import Redmine
from renderer.deliver.systems.roundup import Roundup
from renderer.deliver.systems.rt import RT
from renderer.deliver.systems.slack import Slack
from renderer.deliver.systems.webhook import OwnWebhook
from renderer.deliver.systems.zammad import Zammad
from renderer.deliver.systems.zendesk import Zendesk

SYSTEMS: Final[tuple[type[System], ...]] = (
    Console,
    Email,
    Freshdesk,
    GitHub,
    GitLab,
    Intercom,
    Jira,
    JiraDataCenter,
    JiraServiceManagement,
    Linear,
    OwnWebhook,
    RT,
    Redmine,
    Roundup,
    Slack,
    Zammad,
    Zendesk,
)
