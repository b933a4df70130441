"""What the guide answers from: graph, names, review vectors and place vectors of one folder."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
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
class Vectors:
    """What is looked up beside the graph; opened once, processes that are forked share it.

    Attributes:
        reviews, embedder: None where the guide does without hypothetical reviews.
        neighbours: None where short lists are not filled up.
    """

    reviews: ReviewVectors | None = None
    embedder: Embedder | None = None
    neighbours: PlaceNeighbours | None = None


@dataclass(frozen=True)
class Parts(Closing):
    """Opened parts of one process; may be used from several threads."""

    reader: GraphReader
    vocabulary: Vocabulary
    vectors: Vectors = field(default_factory=Vectors)

    def close(self) -> None:
        """Let go of the graph."""
        self.reader.close()


def open_vectors(
    folder: Path,
    *,
    uses_hyde: bool = True,
    tops_up: bool = True,
    embedder: Embedder | None = None,
) -> Vectors:
    """Open the vectors that ``folder`` holds.

    Args:
        uses_hyde: False to do without hypothetical reviews (and without ``reviews``).
        tops_up: False to do without similar places (and without ``places``).
        embedder: of the review vectors; USE by default.

    Raises:
        ArtifactError: vectors are missing, damaged, or made by another encoder.
    """
    neighbours = PlaceNeighbours(_embedded(folder / PLACES)) if tops_up else None
    if not uses_hyde:
        return Vectors(neighbours=neighbours)
    reviews = ReviewVectors(_embedded(folder / REVIEWS))
    return Vectors(reviews, _fitting(reviews, embedder), neighbours)


def open_parts(folder: Path, vectors: Vectors) -> Parts:
    """Open the graph that ``folder`` holds.

    Raises:
        GraphError: there is no graph.
    """
    with ExitStack() as opened:
        reader = opened.enter_context(LadybugReader(folder / GRAPH))
        vocabulary = vocabulary_of(reader)
        _ = vocabulary.surfaces  # made now, not for the first question
        opened.pop_all()
    return Parts(reader, vocabulary, vectors)


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
