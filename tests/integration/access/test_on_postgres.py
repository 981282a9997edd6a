"""What depends on the database is promised on PostgreSQL too: the same tests, with the fixtures of this folder."""
# ruff: noqa: F401 # imported to be run

from tests.unit.access.test_audit import (
    test_a_changed_entry_shows,
    test_a_cut_off_end_shows_against_what_was_noted,
    test_a_removed_entry_shows,
    test_an_entry_says_who_did_what_to_what_and_when,
    test_an_inserted_entry_shows,
    test_it_is_verified_page_by_page,
    test_pages_go_back_from_the_newest,
    test_threads_append_together_and_none_is_lost,
    test_what_is_undone_is_not_told,
    test_whatever_a_header_held_is_one_short_line,
)
from tests.unit.access.test_fingerprint import test_the_first_settles_it_and_others_are_refused
from tests.unit.access.test_keys import (
    test_a_key_expires_to_the_millisecond_also_while_it_is_believed,
    test_a_key_is_good_for_what_it_was_made_for,
    test_a_replaced_key_is_good_until_the_overlap_ends,
    test_a_revoked_key_is_refused_here_at_once_and_elsewhere_within_5_s,
    test_a_tenant_sees_and_touches_its_own_keys_alone,
    test_an_unknown_id_is_told,
    test_last_use_is_noted_once_a_minute,
    test_many_keys_are_verified_by_many_threads,
    test_of_the_key_nothing_is_kept_but_a_digest_under_the_secret,
    test_two_who_replace_a_key_at_the_same_time_make_one_successor,
    test_what_is_no_key_of_ours_is_told_nothing,
)
from tests.unit.access.test_keys_refused import test_names_may_be_in_any_language
from tests.unit.access.test_opening import test_of_several_that_start_one_makes_the_first_key
from tests.unit.access.test_quotas import (
    test_a_key_s_own_limits_go_before_the_service_s,
    test_clips_of_the_last_24_hours_count_also_ended_and_deleted_ones,
    test_unfinished_clips_count_up_to_the_limit,
    test_who_asks_at_the_same_time_does_not_get_more_together,
)
from tests.unit.access.test_shares import (
    test_a_link_opens_its_clip,
    test_a_tenant_shares_and_sees_its_own_alone,
    test_it_ends_with_its_clip,
    test_it_is_revoked_at_once,
    test_no_signature_is_kept,
    test_views_are_counted_and_logged_none_lost,
    test_what_is_no_clip_cannot_be_shared,
)
