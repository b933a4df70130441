"""Put load on the API: a verdict against a target, and one page that shows what happened.

    python bench/load.py run --tps 50 --p99-ms 250            # a server of our own, on two cores
    python bench/load.py run http://127.0.0.1:8000 --with jmeter
    python bench/load.py run --with locust --soak-minutes 15 --serve --workers 2
    python bench/load.py requests http://127.0.0.1:8000 build/load/requests
    python bench/load.py plan                                 # deploy/load/nadeuri.jmx anew

Only addresses of machines that are yours to load are a target. An API key is taken from
NADEURI_API_KEY. Exit code 0: target reached, 1: missed, 2: could not be run. See :mod:`load.run`;
this file and the package of that name live side by side.
"""

import sys

from load.command import main

if __name__ == "__main__":
    sys.exit(main(__doc__ or ""))
