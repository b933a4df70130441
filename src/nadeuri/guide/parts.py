"""What the guide answers from: graph, names, review vectors and place vectors of one folder."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nadeuri.embed import Embedder, UseEmbedder
from nadeuri.errors import ArtifactError
from nadeuri.guide.graph_vocabulary import vocabulary_of
from nadeuri.guide.ladybug_reader import LadybugReader
from nadeuri.guide.neighbours import PlaceNeighbours
from nadeuri.guide.reviews import ReviewVectors
from nadeuri.guide.store import Closing, GraphReader
from nadeuri.guide.vocabulary import Vocabulary

GRAPH, REVIEWS, PLACES = "places.graph", "reviews", "places"
"""What a folder of the guide holds."""

_WARM_UP = "리뷰"


@dataclass(frozen=True)
class Parts(Closing):
    """Opened parts; may be used from several threads.

    Attributes:
        reviews, embedder: None where the guide does without hypothetical reviews.
        neighbours: None where short lists are not filled up.
    """

    reader: GraphReader
    vocabulary: Vocabulary
    reviews: ReviewVectors | None = None
    embedder: Embedder | None = None
    neighbours: PlaceNeighbours | None = None

    def close(self) -> None:
        """Let go of the graph."""
        self.reader.close()


def open_parts(
    folder: Path,
    *,
    uses_hyde: bool = True,
    tops_up: bool = True,
    embedder: Embedder | None = None,
) -> Parts:
    """Open what ``folder`` holds.

    Args:
        embedder: of the review vectors; USE by default.

    Raises:
        GraphError: there is no graph.
        ArtifactError: vectors are missing, damaged, or made by another encoder.
    """
    neighbours = PlaceNeighbours(_embedded(folder / PLACES)) if tops_up else None
    reviews = ReviewVectors(_embedded(folder / REVIEWS)) if uses_hyde else None
    with ExitStack() as opened:
        reader = opened.enter_context(LadybugReader(folder / GRAPH))
        vocabulary = vocabulary_of(reader)
        _ = vocabulary.surfaces  # made now, not for the first question
        fitting = None if reviews is None else _fitting(reviews, embedder)
        opened.pop_all()
    return Parts(reader, vocabulary, reviews, fitting, neighbours)


def _fitting(reviews: ReviewVectors, embedder: Embedder | None) -> Embedder:
    """The encoder of the reviews, ready to be asked."""
    embedder = embedder or UseEmbedder()
    if (embedder.name, embedder.dim) != (reviews.encoder, reviews.dim):
        raise ArtifactError(
            f"{reviews.artifact.path}: made by {reviews.encoder}, not by {embedder.name}; embed "
            "the reviews again with nadeuri guide embed"
        )
    embedder.encode([_WARM_UP])
    return embedder


def _embedded(artifact: Path) -> Path:
    if not artifact.is_dir():
        raise ArtifactError(
            f"{artifact}: no vectors here; make them with nadeuri guide embed --folder "
            f"{artifact.parent}"
        )
    return artifact
