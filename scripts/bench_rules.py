"""What rules cost: sessions a second, against the number of entries and of rules.

    python -m scripts.bench_rules [--sessions 1000] [--entries 5000] [--json]

Sessions are made at random, of a seed, with the kinds of things that recordings hold and as often. Only looking is measured: timelines
are there before. Each figure is the median of three rounds over all sessions.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from random import Random
from statistics import median
from typing import Any, get_args

from renderer.rules.find import find_moments
from renderer.rules.load import load_rules
from renderer.rules.model import RuleSet
from renderer.timeline.model import Entry, Environment, Kind, PagePlace, Timeline

# How often of a thousand; what is not named is `custom`.
SHARES: dict[Kind, int] = {
    "click": 140, "scroll": 120, "input": 60, "request": 260, "console": 120, "navigation": 20, "exception": 6, "llm_call": 20,
    "feedback": 6, "rage_click": 2, "dead_click": 4, "visibility": 10, "idle": 40,
}  # fmt: skip
ROUNDS = 3
# Different sessions, shown again and again: what is measured does not depend on which they are, and memory is not what is measured.
DIFFERENT = 20


def session(seed: int, entries: int) -> Timeline:
    random = Random(seed)
    kinds: list[Kind] = [kind for kind, share in SHARES.items() for _ in range(share)]
    kinds += ["custom"] * (1000 - len(kinds))
    at_ms, told = 0, []
    for number in range(entries):
        at_ms += random.choice((5, 40, 300, 1500))
        kind = random.choice(kinds)
        told.append(_entry(random, kind, at_ms, number))
    return Timeline(
        duration_ms=at_ms + 1000,
        entries=tuple(told),
        calls=(),
        places=(PagePlace(at_ms=0, window_id="w", url="https://app.example/billing", title="Billing"),),
        environment=Environment(browser="Chrome 156", os="Linux"),
    )


def _entry(random: Random, kind: Kind, at_ms: int, number: int) -> Entry:
    failed = random.random() < 0.02
    of_kind: dict[Kind, dict[str, Any]] = {
        "click": {"name": random.choice(("Send", "Search", "Copy", "Next")), "role": "button"},
        "request": {"method": "GET", "path": "/api/items", "status": 500 if failed else 200, "failed": failed, "slow": failed},
        "console": {"level": "error" if failed else "log", "message": "loaded"},
        "input": {"name": "Your question", "role": "textbox", "characters": 40, "node_id": 7},
        "navigation": {"url": "https://app.example/docs/x", "path": "/docs/x", "host": "app.example"},
        "llm_call": {
            "status": "answered", "latency_ms": random.randrange(500, 9000), "model": "nova", "operation": "chat",
            "prompt": f"why is invoice {number % 50} so much higher than the last one", "finish_reason": "stop",
        },
        "feedback": {"satisfied": random.random() < 0.5},
        "exception": {"type": "TypeError", "message": "x is undefined"},
        "custom": {"plan": "pro", "items": 3},
    }  # fmt: skip
    is_error = kind == "exception" or (failed and kind in {"request", "console"})
    return Entry(
        at_ms=at_ms,
        until_ms=at_ms + 900 if kind in {"request", "llm_call", "input", "scroll"} else None,
        kind=kind,
        name=random.choice(("upgrade", "opened", "saved", "$autocapture")) if kind == "custom" else "",
        title=f"{kind} {number}",
        level="error" if is_error else "info",
        window_id=random.choice(("w", "w", "w", "v")),
        properties=of_kind.get(kind, {}),
    )


def seconds(rules: RuleSet, timelines: Sequence[Timeline], sessions: int) -> float:
    rounds = []
    find_moments(rules, timelines[0])
    for _ in range(ROUNDS):
        began_s = time.process_time()
        for number in range(sessions):
            find_moments(rules, timelines[number % len(timelines)])
        rounds.append(time.process_time() - began_s)
    return median(rounds)


def first(count: int) -> RuleSet:
    """So many of the built-in rules, the cheap and the dear mixed; beyond 20, once more with other times."""
    built_in = load_rules()
    rules = list(built_in.rules)
    while len(rules) < count:
        rules.extend(built_in.rules)
    return RuleSet(f"{count} rules", str(count), tuple(rules[:count]))


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(argv)
    assert set(SHARES) <= set(get_args(Kind))
    rows: list[dict[str, Any]] = []
    plan = [(entries, 20) for entries in (asked.entries // 4, asked.entries // 2, asked.entries, asked.entries * 2)]
    plan += [(asked.entries, rules) for rules in (1, 5, 10, 40)]
    for entries, rules in plan:
        count = max(1, asked.sessions // 10) if (entries, rules) != (asked.entries, 20) else asked.sessions
        timelines = [session(seed, entries) for seed in range(min(DIFFERENT, count))]
        took_s = seconds(first(rules), timelines, count)
        rows.append(
            {
                "entries": entries,
                "rules": rules,
                "sessions": count,
                "sessions_per_s": round(count / took_s, 1),
                "ns_per_entry": round(took_s / count / entries * 1e9),
            }
        )
        if not asked.json:
            told = rows[-1]
            print(
                f"{entries:>7,} entries  {rules:>3} rules  {told['sessions_per_s']:>8,} sessions/s"
                f"  {told['ns_per_entry']:>6,} ns an entry",
                flush=True,
            )
    if asked.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
