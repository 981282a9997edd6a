"""A process that claims with several threads until there is nothing more: `python -m tests.integration.jobs.claimer URL THREADS`.

Begins when a line comes in, and prints the clips that it took, one a line.
"""

import sys
import threading

from renderer.database.engine import Database
from renderer.jobs.claims import Claims
from tests.unit.jobs.desk import FILES, MADE_OF


def main(url: str, threads: int) -> None:
    database = Database(url)
    taken: list[str] = []

    def work(number: int) -> None:
        claims = Claims(database, f"worker-{number}", 1000)
        while (claim := claims.take()) is not None:
            taken.append(claim.clip_id)
            render_id = claims.planned(claim, f"plan of {claim.clip_id}", None)
            claims.succeed(claim, render_id, FILES, MADE_OF)

    print("ready", flush=True)
    sys.stdin.readline()
    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("\n".join(taken))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
