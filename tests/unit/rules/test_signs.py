"""What several entries show together: questions that are asked again, spells of writing, what calls say of each other."""

from random import Random
from statistics import median
from typing import Any

import pytest

from renderer.rules.signs.asked_again import LIKE, about, asked_again, similarity
from renderer.rules.signs.calls import CUT_SHORT, with_usual
from renderer.rules.signs.ending import ending
from renderer.rules.signs.read import read_signs
from renderer.rules.signs.typing import typing_spells
from renderer.rules.signs.words import content_words, plain_words
from renderer.rules.vocabulary import KINDS
from renderer.timeline.model import Entry
from tests.unit.rules.sessions import (
    SESSION_MS,
    broken_off,
    call,
    click,
    dead,
    facts_of,
    loaded,
    marked,
    page,
    rage,
    scrolled,
    timeline,
    typed,
)

ASKED = "Why is my October invoice higher?"
REWORDED = "October invoice is higher than usual, why?"
DOINGS = {"input", "click", "rage_click", "dead_click"}


def again(*entries: Entry) -> list[tuple[Any, ...]]:
    """When each sign is, whether in the same words, whether by a click."""
    told = timeline(*entries).entries
    calls = [entry for entry in told if entry.kind == "llm_call"]
    return facts_of(
        list(asked_again(calls, (entry for entry in told if entry.kind in DOINGS))), "same_words", "by_click"
    )


def alike(one: str, other: str) -> float:
    return similarity(about(plain_words(one)), about(plain_words(other)))


def wrote(at_ms: int) -> Entry:
    return typed(at_ms - 5000, at_ms - 1000)


SAME = [
    ("How do I cancel my subscription?", "cancel subscription please"),
    ("How do I cancel my subscription?", "I want to stop my subscription, how can I cancel it?"),
    (ASKED, "Why is the invoice for October so high?"),
    (ASKED, REWORDED),
    ("Where can I download invoices?", "How to download my invoice as PDF"),
    ("How can I export my data to CSV?", "exporting data as csv"),
    ("What is the refund policy?", "whats your refund policy"),
    ("Compare invoice 1234 with 1235", "compare invoice 1235 to 1234 please"),
    ("Do your terms say 14 days for a refund?", "The terms say 14 days and the mail 90 days for a refund"),
    ("Wie kann ich mein Abo kündigen?", "Abo kündigen, wie geht das?"),
    ("Warum ist meine Rechnung im Oktober höher?", "Wieso ist die Oktober-Rechnung höher als sonst?"),
    ("Comment annuler mon abonnement ?", "Je veux annuler mon abonnement"),
    ("¿Cómo cancelo mi suscripción?", "quiero cancelar mi suscripción"),
    ("Как отменить подписку?", "Как мне отменить мою подписку?"),
    ("如何取消订阅？", "怎么取消我的订阅"),
    ("サブスクリプションを解約する方法は？", "サブスクリプションの解約方法を教えてください"),
    ("구독을 어떻게 취소하나요?", "구독 취소 방법 알려 주세요"),
    ("How do I cancel my ｓｕｂｓｃｒｉｐｔｉｏｎ?", "CANCEL SUBSCRIPTION"),
]
OTHERS = [
    ("How do I cancel my subscription?", "How do I change my subscription?"),
    ("How do I cancel my subscription?", "How do I cancel my order?"),
    (ASKED, "Who can see my invoice and why can they download the one from May as well as October?"),
    (
        ASKED,
        f"The user asked: {ASKED} They were told of two more seats. Rewrite their next question: when does it end?",
    ),
    ("What does the Pro plan cost?", "What does the Team plan include?"),
    ("What is the capital of France?", "What is the capital of Spain?"),
    ("Translate to French: good morning", "Translate to French: see you tomorrow"),
    ("Summarize this article about solar power", "Summarize this article about wind farms"),
    ("Fix the bug in login.py", "Fix the bug in cart.py"),
    ("Show invoice 1234 of my account", "Show invoice 1235 of my account"),
    ("Wie kann ich mein Abo kündigen?", "Wie kann ich meine Rechnung herunterladen?"),
    ("Comment annuler mon abonnement ?", "Comment changer mon mot de passe ?"),
    ("Как отменить подписку?", "Как изменить подписку?"),
    ("Send the monthly report 1234 of the sales team", "Send the monthly report 1235 of the sales team"),
    ("मैं अपनी सदस्यता कैसे रद्द करूँ?", "मैं अपना पासवर्ड कैसे बदलूँ?"),
    ("如何取消订阅？", "如何修改密码？"),
    ("如何取消订阅？", "如何升级订阅？"),
    ("サブスクリプションを解約する方法は？", "パスワードを変更する方法は？"),
    ("구독을 어떻게 취소하나요?", "비밀번호를 어떻게 변경하나요?"),
    ("ok thanks", "yes please"),
    ("refund?", "about the refund?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_question_in_other_words(one: str, other: str):
    assert alike(one, other) >= LIKE
    assert alike(other, one) >= LIKE


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_question(one: str, other: str):
    assert alike(one, other) < LIKE
    assert alike(other, one) < LIKE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Why is my October invoice higher?", "october invoice higher"),
        ("So, what about it then?", ""),
        ("Exporting the reports that failed", "export report fail"),
        ("Is a bus red?", "bus red"),
        ("Is the “Größe” wrong?", "grösse"),
        ("如何取消订阅？", "取消 消订 订阅"),  # two letters each: nothing says where words end
        ("PDFを見る", "pdf 見る"),
    ],
)
def test_what_a_question_is_about(text: str, words: str):
    assert content_words(plain_words(text)) == words.split()


def test_plain_words():
    assert plain_words("  What’s  “new”,\nin हिन्दी? ") == "what s new in हिन्दी"
    assert plain_words("What's NEW in v2?") == "what s new in v2"


def test_long_questions_are_read_in_part():
    assert len(plain_words("é" * 100_000)) == len(plain_words("e" * 100_000)) == 2000


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [(ASKED, (60_000, True, False)), (ASKED.upper() + " ", (60_000, True, False)), (REWORDED, (60_000, False, False))],
)
def test_a_question_that_is_asked_again(prompt: str, expected: tuple[Any, ...]):
    assert again(call(4000, 10_000, ASKED), wrote(60_000), call(60_000, 65_000, prompt)) == [expected]


def test_what_a_sign_says():
    told = [call(4000, 10_000, ASKED, id="a"), call(60_000, 65_000, REWORDED, id="b")]
    (sign,) = asked_again(told, [wrote(60_000)])
    assert (sign.kind, sign.title, sign.at_ms, sign.until_ms, sign.window_id) == (
        "asked_again", "Asked again in other words", 60_000, 65_000, "w"
    )  # fmt: skip
    assert sign.properties == {
        "call_id": "b", "earlier_call_id": "a", "prompt": REWORDED, "earlier_prompt": ASKED, "similarity": 86,
        "same_words": False, "by_click": False,
    }  # fmt: skip


@pytest.mark.parametrize(("at_ms", "expected"), [(310_000, 1), (310_001, 0)])
def test_five_minutes_after_the_answer_it_is_another_question(at_ms: int, expected: int):
    told = again(call(4000, 10_000, ASKED), wrote(at_ms), call(at_ms, at_ms + 5000, ASKED))
    assert len(told) == expected


@pytest.mark.parametrize("prompt", ["why?", "continue", "OK", "weiter", "为什么？", "more please", "👍", ""])
def test_short_questions_are_about_something_else_each_time(prompt: str):
    assert again(call(4000, 10_000, prompt), wrote(60_000), call(60_000, 65_000, prompt)) == []


def test_a_short_question_that_is_asked_again_by_a_click():
    told = again(call(4000, 10_000, "why?"), click(60_000, "Regenerate response"), call(60_050, 65_000, "why?"))
    assert told == [(60_050, True, True)]


@pytest.mark.parametrize(
    "name",
    ["Regenerate", "Re-generate", "Try again", "Retry", "Redo", "Noch einmal", "Antwort neu generieren", "重新生成"],
)
def test_clicks_that_ask_again(name: str):
    told = again(call(4000, 10_000, ASKED), click(60_000, name), call(60_050, 65_000, ASKED))
    assert told == [(60_050, True, True)]


@pytest.mark.parametrize(
    ("click_ms", "call_ms", "by_click"),
    [(60_000, 63_000, True), (60_000, 63_001, False), (60_900, 60_000, True), (61_001, 60_000, False)],
)
def test_the_call_comes_within_3_s_of_the_click_or_a_little_before_by_a_server_s_clock(
    click_ms: int, call_ms: int, by_click: bool
):
    told = again(call(4000, 10_000, ASKED), wrote(50_000), click(click_ms, "Retry"), call(call_ms, 70_000, ASKED))
    assert told == [(call_ms, True, by_click)]


def test_a_click_on_regenerate_is_enough_where_texts_are_not_told():
    first = call(4000, 10_000)
    assert again(first, click(60_000, "Regenerate"), call(60_050, 65_000)) == [(60_050, True, True)]
    assert again(first, rage(59_000, 60_000, "Regenerate"), call(60_050, 65_000)) == [(60_050, True, True)]
    assert again(first, click(60_000, "Retry"), call(60_050, 65_000)) == []  # of whatever
    assert again(first, click(60_000, "Regenerate"), call(60_050, 65_000, "Draw a cat with a hat")) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"error": "overloaded"},
        {"operation": "embeddings"},
        {"finish_reason": "tool_calls"},
        {"tools_called": ("find",)},
    ],
)
def test_an_earlier_call_that_gave_no_answer_to_the_user(facts: dict[str, Any]):
    assert again(call(4000, 10_000, ASKED, **facts), wrote(60_000), call(60_000, 65_000, ASKED)) == []


def test_an_answer_that_used_tools_on_the_way_is_an_answer():
    first = call(4000, 10_000, ASKED, finish_reason="stop", tools_called=("web_search",))
    assert again(first, wrote(60_000), call(60_000, 65_000, ASKED)) == [(60_000, True, False)]


def test_one_that_has_not_ended_or_was_not_answered_is_passed_over():
    assert again(call(4000, 10_000, ASKED), wrote(8000), call(9_000, 15_000, ASKED)) == []
    assert again(call(4000, None, ASKED), wrote(60_000), call(60_000, 65_000, ASKED)) == []
    told = (
        call(4000, 10_000, ASKED), wrote(60_000), call(60_000, 61_000, ASKED, error="overloaded"), wrote(70_000),
        call(70_000, 75_000, ASKED),
    )  # fmt: skip
    assert again(*told) == [(60_000, True, False), (70_000, True, False)]


@pytest.mark.parametrize(
    "between", [(), (scrolled(20_000, 21_000),), (marked(20_000, 21_000),), (page(20_000),), (click(3990, "Send"),)]
)
def test_calls_between_which_the_user_asked_nothing_are_one_question(between: tuple[Entry, ...]):
    """Agents ask several times, answers get a title, searches are made of questions."""
    told = (typed(500, 3900), call(4000, 10_000, ASKED), *between, call(30_000, 35_000, ASKED))
    assert again(*told) == []


@pytest.mark.parametrize("doing", [typed(20_000, 25_000), click(20_000, "Send"), dead(20_000), rage(20_000, 21_000)])
def test_whatever_the_user_did_may_have_asked(doing: Entry):
    assert len(again(typed(500, 3900), call(4000, 10_000, ASKED), doing, call(30_000, 35_000, ASKED))) == 1


def test_where_no_hand_is_recorded_at_all_every_call_counts():
    assert again(call(4000, 10_000, ASKED), call(30_000, 35_000, ASKED)) == [(30_000, True, False)]


def test_of_the_calls_of_one_question_the_first_that_is_like_it_is_told():
    told = (
        wrote(4000), call(4000, 10_000, ASKED, window=None), wrote(60_000), call(60_000, 60_100, ASKED, operation="embeddings"),
        call(60_200, 61_000, f"Rewrite the question of a customer with all that is known: {ASKED}"), call(61_100, 65_000, ASKED),
        call(65_100, 66_000, ASKED),
    )  # fmt: skip
    assert again(*told) == [(61_100, True, False)]


def spells(*entries: Entry) -> list[tuple[Any, ...]]:
    return facts_of(list(typing_spells(timeline(*entries).entries)), "duration_ms", "in_chat", "sent")


def test_what_a_spell_says():
    (sign,) = typing_spells([typed(1000, 3000, characters=9), typed(20_000, 45_500, characters=31)])
    assert (sign.kind, sign.title, sign.at_ms, sign.until_ms, sign.window_id) == (
        "typing", "Typed for 44.5 s into “Your question”", 1000, 45_500, "w"
    )  # fmt: skip
    assert sign.properties == {
        "target": "“Your question”", "name": "Your question", "role": "field", "type": "textarea", "node_id": 7, "characters": 31,
        "duration_ms": 44_500, "in_chat": False, "sent": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("second_ms", "expected"),
    [(33_000, [(1000, 34_000, False, False)]), (33_001, [(1000, 2000, False, False), (33_001, 1999, False, False)])],
)
def test_a_pause_of_30_s_does_not_end_a_spell(second_ms: int, expected: list[tuple[Any, ...]]):
    assert spells(typed(1000, 3000), typed(second_ms, 35_000)) == expected


@pytest.mark.parametrize("other", [{"node_id": 8}, {"window": "other"}, {"name": "Company"}])
def test_another_field_is_another_spell(other: dict[str, Any]):
    assert len(spells(typed(1000, 3000), typed(4000, 5000, **other), typed(6000, 7000))) == 3


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        (typed(3500, None, "Remember me", type="checkbox", checked=True, characters=1), 3),
        (page(3500), 2),
        (loaded(3500), 2),
        (page(3500, window="other"), 1),
        (call(3500, 3600, window=None), 2),
        (call(3500, 3600, operation="embeddings"), 1),
        (scrolled(3500, 3600), 1),
        (click(3500), 1),
    ],
)
def test_what_ends_a_spell(between: Entry, expected: int):
    assert len(spells(typed(1000, 3000), between, typed(4000, 5000))) == expected


def test_a_box_that_is_ticked_and_a_password_are_no_writing():
    facts: dict[str, Any] = {"name": "Remember me", "checked": True}
    ticked = Entry(at_ms=3500, kind="input", title="Ticked “Remember me”", window_id="w", properties=facts)
    assert spells(typed(1000, 3000), ticked, typed(4000, 5000)) == [(1000, 4000, False, False)]


@pytest.mark.parametrize(
    ("call_ms", "sent"), [(2000, True), (1999, False), (3000, True), (13_000, True), (13_001, False)]
)
def test_a_call_within_10_s_says_that_it_was_sent(call_ms: int, sent: bool):
    """Or a little before the last key, by a server's clock."""
    written = typed(1000, 3000, "Your question")
    assert spells(written, call(call_ms, 20_000, window=None))[0][3] is sent


@pytest.mark.parametrize(
    ("name", "in_chat"),
    [
        ("Your question", True),
        ("Ask anything", True),
        ("Message Nora", True),
        ("Ihre Frage", True),
        ("ご質問をどうぞ", True),
        ("输入消息", True),
        ("Company", False),
        ("Task", False),
        ("Basket number", False),
        ("", False),
    ],
)
def test_a_field_whose_name_says_that_it_is_a_chat(name: str, in_chat: bool):
    assert spells(call(1000, 2000), typed(50_000, 60_000, name)) == [(50_000, 10_000, in_chat, False)]
    assert spells(typed(50_000, 60_000, name)) == [(50_000, 10_000, False, False)]  # of a session without calls


def test_a_field_that_questions_were_sent_from_is_the_chat_and_no_other_is():
    told = spells(
        typed(1000, 3000, "Tell Nora", node_id=7), call(4000, 9000), loaded(20_000), typed(30_000, 40_000, "Tell Nora", node_id=70),
        typed(50_000, 60_000, "Message", node_id=71),
    )  # fmt: skip
    assert told == [(1000, 2000, True, True), (30_000, 10_000, True, False), (50_000, 10_000, False, False)]


def test_a_call_is_sent_from_the_field_that_was_written_in_last():
    told = spells(typed(1000, 2000, "Name", node_id=6), typed(2500, 5000, "Tell Nora"), call(6000, 9000))
    assert told == [(1000, 1000, False, True), (2500, 2500, True, True)]


@pytest.mark.parametrize(("call_ms", "in_chat"), [(13_000, True), (13_001, False)])
def test_a_field_that_was_written_in_long_before_a_call_is_not_where_it_came_from(call_ms: int, in_chat: bool):
    told = spells(typed(1000, 3000, "Tell Nora"), call(call_ms, 20_000), typed(50_000, 55_000, "Tell Nora"))
    assert [each[2] for each in told] == [in_chat, in_chat]


def test_fields_without_a_name_are_known_by_their_place():
    told = spells(
        typed(1000, 3000, ""), call(4000, 9000), typed(20_000, 25_000, ""), typed(30_000, 35_000, "", node_id=8)
    )
    assert [in_chat for _, _, in_chat, _ in told] == [True, True, False]


def test_another_page_sends_what_was_written_in_a_form_and_leaves_what_was_written_in_a_chat():
    told = spells(call(1000, 2000), typed(20_000, 25_000), page(30_000), typed(40_000, 45_000, "Company"), page(50_000))
    assert told == [(20_000, 5000, True, False), (40_000, 5000, False, True)]


def usual(*calls: Entry) -> list[Any]:
    return [entry.properties.get("times_usual") for entry in with_usual(calls)]


def test_a_call_is_held_against_the_session_s_others():
    assert usual(*(call(0, ms) for ms in (1000, 2000, 3000, 10_000))) == [0.33, 0.67, 1.5, 5.0]


def test_others_are_all_but_the_call_itself():
    chance = Random(7)
    for _ in range(200):
        lengths = [chance.choice((500, 1000, 1000, 2500, 7000)) for _ in range(chance.randint(4, 9))]
        expected = [
            round(own / median([*lengths[:place], *lengths[place + 1 :]]), 2) for place, own in enumerate(lengths)
        ]
        assert usual(*(call(0, ms) for ms in lengths)) == expected


def test_fewer_than_three_others_say_nothing_of_what_is_usual():
    assert usual(call(0, 1000), call(0, 1000), call(0, 9000)) == [None] * 3


def test_others_are_answered_ones_of_the_same_model_and_operation():
    same = [call(0, 1000), call(0, 1000), call(0, 9000)]
    assert usual(*same, call(0, 1000, error="overloaded")) == [None] * 4
    assert usual(*same, call(0)) == [None] * 4
    assert usual(*same, call(0, 1000, model="nova-mini")) == [None] * 4
    assert usual(*same, call(0, 1000, operation="embeddings")) == [None] * 4
    assert usual(*same, call(0, 1000))[2] == 9.0


def test_calls_that_took_no_time_are_no_measure():
    assert usual(call(0, 0), call(0, 0), call(0, 0), call(0, 9000)) == [None] * 4


def of(entry: Entry, name: str) -> Any:
    (told,) = with_usual([entry])
    return told.properties[name]


@pytest.mark.parametrize(
    "error",
    ["Request timed out.", "ReadTimeout", "time-out", "connect ETIMEDOUT 10.0.0.1:443", "504 DEADLINE_EXCEEDED", "Deadline exceeded",
     "The operation was aborted due to timeout", "upstream_timeout"],
)  # fmt: skip
def test_errors_that_say_that_it_timed_out(error: str):
    assert of(call(0, 1000, error=error), "timed_out") is True


@pytest.mark.parametrize(
    "error", ["model_overloaded", "rate limited", "time is out of range", "sentiment route failed"]
)
def test_errors_that_do_not(error: str):
    assert of(call(0, 1000, error=error), "timed_out") is False


@pytest.mark.parametrize(
    ("status", "timed_out"), [(408, True), (504, True), (522, True), (524, True), (500, False), (529, False)]
)
def test_statuses_that_say_that_it_timed_out(status: int, timed_out: bool):
    assert of(call(0, 1000, http_status=status), "timed_out") is timed_out
    assert of(call(0, 1000, http_status=status, failed=False), "timed_out") is False


@pytest.mark.parametrize(("session_ms", "timed_out"), [(40_000, True), (39_999, False)])
def test_a_call_without_an_end_has_timed_out_after_30_s(session_ms: int, timed_out: bool):
    assert of(call(10_000, session_ms=session_ms), "timed_out") is timed_out


@pytest.mark.parametrize(
    "reason",
    ["length", "max_tokens", "MAX_TOKENS", "FinishReason.MAX_TOKENS", "FINISH_REASON_MAX_TOKENS", "max_output_tokens", "max-tokens",
     "Max Tokens", "model_length", "model_context_window_exceeded", "ERROR_LIMIT", "limit"],
)  # fmt: skip
def test_providers_words_for_an_answer_that_was_cut_short(reason: str):
    assert of(call(0, 1000, finish_reason=reason), "cut_short") is True


@pytest.mark.parametrize("reason", ["stop", "end_turn", "STOP", "tool_calls", "content_filter", "SAFETY", "", None])
def test_reasons_that_cut_nothing_short(reason: str | None):
    assert of(call(0, 1000, finish_reason=reason), "cut_short") is False


def test_every_word_for_it_is_found_as_it_stands():
    assert all(of(call(0, 1000, finish_reason=reason), "cut_short") for reason in CUT_SHORT)


def test_the_end_of_a_recording():
    (sudden,) = ending(timeline(ending=broken_off()))
    assert (sudden.at_ms, sudden.kind, sudden.level, dict(sudden.properties)) == (
        SESSION_MS, "ending", "error", {"abrupt": True, "hidden": False}
    )  # fmt: skip
    (left,) = ending(timeline(ending=broken_off(was_hidden=True)))
    assert (left.title, left.level, dict(left.properties)) == (
        "The recording ends", "info", {"abrupt": False, "hidden": True}
    )  # fmt: skip
    assert list(ending(timeline())) == []


def test_rules_see_everything_by_time_and_only_the_signs_that_are_asked_for():
    told = timeline(
        wrote(4000), call(4000, 10_000, ASKED), wrote(60_000), call(60_000, 65_000, REWORDED), ending=broken_off()
    )  # fmt: skip
    every = list(read_signs(told, KINDS))
    assert [thing.at_ms for thing in every] == sorted(thing.at_ms for thing in every)
    assert {"typing", "asked_again", "ending"} <= {thing.kind for thing in every}
    few = list(read_signs(told, frozenset({"llm_call"})))
    assert {thing.kind for thing in few} == {"input", "llm_call"}
    assert all("timed_out" in thing.properties for thing in few if thing.kind == "llm_call")
