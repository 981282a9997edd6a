"""What the visitor does, with the pauses of a person: about a minute."""

import math
from playwright.sync_api import Locator, Page

EMAIL = "dana.reyes@example.com"


class Visitor:
    """Moves a real mouse and presses real keys, at a person's pace."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.x, self.y = 1010.0, 610.0
        page.mouse.move(self.x, self.y)

    def wait(self, ms: float) -> None:
        self.page.wait_for_timeout(ms)

    def move(self, x: float, y: float, ms: float = 450) -> None:
        """Along a slight arc, slow at both ends, a step every 20 ms."""
        x0, y0 = self.x, self.y
        steps = max(2, round(ms / 20))
        bow = min(60.0, math.hypot(x - x0, y - y0) * 0.12)
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
        self.wait(140)
        self.page.mouse.down()
        self.wait(70)
        self.page.mouse.up()

    def type(self, text: str, ms: float = 46) -> None:
        """One key after another; the rhythm is uneven but the same every time."""
        for i, key in enumerate(text):
            self.page.keyboard.press("Space" if key == " " else key)
            self.wait(ms * (0.65 + ((i * 7) % 11) / 14) + (90 if key in " .,?" else 0))


def tell(page: Page) -> None:
    """Signs in, gets a good answer, then a wrong one, complains, and is put right at the second try."""
    visitor = Visitor(page)
    last = page.locator(".model-turn").last
    visitor.wait(700)

    visitor.click(page.locator("#email"))
    visitor.wait(200)
    visitor.type(EMAIL, 62)
    visitor.wait(250)
    visitor.click(page.locator("#enter"))
    visitor.wait(1300)

    ask(visitor, "Why is my October invoice higher?")
    visitor.move(640, 420, 600)
    visitor.wait(2000)
    visitor.move(560, 470, 500)
    finish(page, 1)
    visitor.wait(500)
    visitor.click(last.locator(".up"))
    visitor.move(820, 520, 380)
    visitor.wait(6200)

    ask(visitor, "If I downgrade today, is it refunded?")
    visitor.move(600, 480, 600)
    visitor.wait(2300)
    visitor.move(520, 500, 600)
    finish(page, 2)
    visitor.move(790, 470, 300)
    visitor.wait(10900)

    doubt(visitor, last)
    visitor.click(last.locator(".down"))
    visitor.wait(1500)

    ask(visitor, "Your terms say 14 days. Which is right?")
    visitor.move(700, 500, 500)
    again = page.get_by_role("button", name="Try again")
    again.wait_for()
    visitor.wait(700)
    visitor.click(again)
    visitor.move(620, 480, 500)
    visitor.wait(2300)
    visitor.move(560, 510, 500)
    finish(page, 3)
    visitor.wait(700)
    visitor.to(last.locator(".up"), 600)
    visitor.wait(1500)


def ask(visitor: Visitor, question: str) -> None:
    visitor.click(visitor.page.locator("#prompt"))
    visitor.type(question)
    visitor.click(visitor.page.locator("#send"), 420)


def doubt(visitor: Visitor, answer: Locator) -> None:
    """Scrolls back to the first answer and down again, then marks the sentence that cannot be true."""
    page = visitor.page
    visitor.move(640, 400, 400)
    for delta in [-60] * 6 + [0] * 8 + [60] * 8:
        page.mouse.wheel(0, delta)
        visitor.wait(55)
    claim = answer.locator("strong").first.bounding_box()
    assert claim is not None
    visitor.move(claim["x"] + 1, claim["y"] + 12, 450)
    page.mouse.down()
    visitor.move(claim["x"] + claim["width"] - 1, claim["y"] + 12, 650)
    page.mouse.up()
    visitor.wait(900)


def finish(page: Page, answers: int) -> None:
    page.wait_for_function("n => document.querySelectorAll('.rating').length === n", arg=answers)
