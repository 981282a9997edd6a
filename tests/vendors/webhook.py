"""A server of one's own that takes signed messages, and knows one that comes again by its id."""

from typing import Any, ClassVar

import standardwebhooks

from renderer.deliver.systems.webhook import OwnWebhook
from tests.vendors.base import Asked, NoteSeen, Reply, Vendor

# Files and public notes are not its matter, nor who may post; whether it takes messages cannot be asked; nothing can be looked for or taken away.
_NOT_ITS_MATTER = """
    test_a_clip_stands_on_the_ticket test_a_film_that_is_too_large_is_made_to_fit test_where_films_are_refused_a_picture_goes
    test_where_no_file_is_taken_a_link_goes_and_the_receipt_says_so test_without_files_and_links_nothing_is_posted
    test_an_account_that_may_not_post_is_told_what_it_needs test_a_ticket_that_is_not_there_is_told test_a_check_tells_wrong_credentials
    test_a_note_whose_answer_was_lost_is_found_again test_a_delivered_clip_can_be_taken_away
    test_a_withdrawal_whose_answer_was_lost_succeeds_the_second_time test_a_page_of_a_proxy_is_never_read_as_an_answer
    test_of_a_found_note_nothing_more_than_its_marker_has_to_be_known
"""


class WebhookVendor(Vendor):
    system: ClassVar = OwnWebhook
    post: ClassVar = ("POST", "/hooks")
    reference: ClassVar = "webhook:48213"
    missing: ClassVar = "webhook:none"
    bad_references: ClassVar = ("webhook:two words", f"webhook:{'x' * 201}")
    cannot: ClassVar = frozenset(_NOT_ITS_MATTER.split())
    secret: ClassVar = "whsec_c2VjcmV0LTRmMWQ5YjdjMjAtc2VjcmV0LTRmMWQ="

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}

    def settings(self) -> dict[str, str]:
        return {"url": f"{self.url}/hooks", "secret": self.secret}

    def wrong_settings(self) -> dict[str, str]:
        return {**self.settings(), "secret": "whsec_d3JvbmctMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="}

    def answer(self, asked: Asked) -> Reply:
        try:
            standardwebhooks.Webhook(self.secret).verify(asked.body, asked.headers)
        except standardwebhooks.WebhookVerificationError:
            return Reply(401)
        self.messages.setdefault(asked.headers["webhook-id"], asked.json())
        return Reply(204)

    def notes(self) -> list[NoteSeen]:
        return [NoteSeen(each["data"]["note"], each["data"]["public"], {}) for each in self.messages.values()]
