"""What the visitor does, with the pauses of a person: about a minute."""

import math
import time

from playwright.sync_api import Locator, Page

EMAIL = "dana.reyes@example.com"
"""Typed into an input, shown in text nodes of class `pii`. RFC 2606 keeps example.com for nobody."""


class Visitor:
    """Moves a real mouse and presses real keys, at a person's pace.

    Pauses run against a clock of the visitor's own, so that a busy machine makes the steps late but not the story long.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.x, self.y = 1010.0, 610.0
        self.due_s = time.monotonic()
        page.mouse.move(self.x, self.y)

    def wait(self, ms: float) -> None:
        self.due_s += ms / 1000
        self.page.wait_for_timeout(max(0.0, (self.due_s - time.monotonic()) * 1000))

    def look_up(self, ms: float) -> None:
        """Something that takes as long as it takes has ended: a pause from now on."""
        self.due_s = time.monotonic()
        self.wait(ms)

    def move(self, x: float, y: float, ms: float = 450, bend: float = 0.12) -> None:
        """Along a slight arc, slow at both ends, a step every 20 ms."""
        x0, y0 = self.x, self.y
        steps = max(2, round(ms / 20))
        bow = min(60.0, math.hypot(x - x0, y - y0) * bend)
        for i in range(1, steps + 1):
            t = i / steps
            eased = t * t * (3 - 2 * t)
            lift = math.sin(math.pi * eased) * bow
            self.page.mouse.move(x0 + (x - x0) * eased, y0 + (y - y0) * eased - lift)
            self.wait(20)
        self.x, self.y = x, y

    def to(self, target: Locator, ms: float = 450) -> None:
        box = target.bounding_box()
        assert box is not None
        self.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, ms)

    def click(self, target: Locator, ms: float = 450) -> None:
        self.to(target, ms)
        self.wait(160)
        self.page.mouse.down()
        self.wait(80)
        self.page.mouse.up()

    def type(self, text: str, ms: float = 95) -> None:
        """One key after another; the rhythm is uneven but the same every time."""
        for i, key in enumerate(text):
            self.page.keyboard.press("Space" if key == " " else key)
            self.wait(ms * (0.65 + ((i * 7) % 11) / 14) + (80 if key in " .,?" else 0))

    def ask(self, question: str) -> None:
        self.click(self.page.locator("#prompt"))
        self.wait(150)
        self.type(question)
        self.click(self.page.locator("#send"), 420)

    def await_answers(self, count: int) -> None:
        self.page.wait_for_function("n => document.querySelectorAll('.rating').length === n", arg=count, timeout=20_000)


def tell(page: Page) -> None:
    """Signs in, gets a good answer, then a wrong one, complains, and is put right at the second try."""
    visitor = Visitor(page)
    last = page.locator(".model-turn").last
    visitor.wait(700)
    sign_in(visitor)

    visitor.ask("Why is my October invoice higher?")
    visitor.move(640, 420, 600)
    visitor.wait(2000)
    visitor.move(560, 470, 500)
    visitor.await_answers(1)
    visitor.look_up(600)
    visitor.click(last.locator(".up"))
    visitor.move(820, 540, 400)
    visitor.wait(8000)

    visitor.ask("If I downgrade today, is it refunded?")
    visitor.move(600, 480, 600)
    visitor.wait(2200)
    visitor.move(520, 500, 600)
    visitor.await_answers(2)
    visitor.move(790, 560, 400)
    # Long enough to be skipped in a clip: the visitor reads the terms somewhere else.
    visitor.look_up(11_000)

    doubt(visitor, last)
    visitor.click(last.locator(".down"))
    visitor.wait(300)
    visitor.move(440, 540, 400)
    visitor.wait(900)

    visitor.ask("Your terms say 14 days. Which is right?")
    visitor.move(700, 530, 500)
    again = page.get_by_role("button", name="Try again")
    again.wait_for()
    visitor.look_up(700)
    visitor.click(again)
    visitor.move(590, 480, 500)
    visitor.wait(2200)
    visitor.move(560, 500, 400)
    visitor.await_answers(3)
    visitor.look_up(600)
    visitor.to(last.locator(".up"), 600)
    visitor.wait(3000)


def sign_in(visitor: Visitor) -> None:
    visitor.click(visitor.page.locator("#email"))
    visitor.wait(200)
    visitor.type(EMAIL, 100)
    visitor.wait(200)
    visitor.click(visitor.page.locator("#enter"))
    visitor.wait(1200)


def doubt(visitor: Visitor, answer: Locator) -> None:
    """Scrolls back to the figures and down again, then marks the sentence that cannot be true."""
    page = visitor.page
    visitor.move(640, 400, 400)
    for delta in [-55] * 6 + [0] * 9 + [55] * 9:
        page.mouse.wheel(0, delta)
        visitor.wait(60)
    claim = answer.locator("strong").first.bounding_box()
    assert claim is not None
    visitor.move(claim["x"] + 1, claim["y"] + 12, 450)
    page.mouse.down()
    visitor.move(claim["x"] + claim["width"] - 1, claim["y"] + 12, 800, bend=0)
    page.mouse.up()
    visitor.wait(900)
