"""The guide as the environment and the options of a command describe it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nadeuri.settings import Settings

if TYPE_CHECKING:
    from nadeuri.guide.pipeline import Guide
    from nadeuri.guide.rules.entities import EntityReader
    from nadeuri.llm import LanguageModel

FOLDER_HELP = "Folder with the graph and its vectors [default: guide below $NADEURI_HOME]."
MEMORY = "conversations.sqlite"
"""File of the conversations, in the guide's folder."""


def guide_folder(settings: Settings, folder: Path | None = None) -> Path:
    """``folder``, or the one that ``nadeuri guide load`` fills."""
    return folder or settings.home / "guide"


def opened_guide(
    settings: Settings,
    folder: Path | None = None,
    *,
    memory: Path | None = None,
    writes_cypher: bool = False,
) -> Guide:
    """The guide of ``folder``, with the language model and the question model that there are.

    Args:
        memory: file of the conversations; None to forget them.
        writes_cypher: whether the language model may look for places with Cypher of its own.
    """
    from nadeuri.guide.pipeline import open_guide

    return open_guide(
        guide_folder(settings, folder),
        memory=memory,
        model=language_model_of(settings),
        entities=entity_reader_of(settings),
        writes_cypher=writes_cypher,
    )


def prepared_guide(settings: Settings, folder: Path, *, memory: Path) -> Callable[[], Guide]:
    """Open all of a guide that forked processes may share; what is returned opens the rest.

    What it reads is read once: a question model or vectors that are made later wait for the next
    start, so that all processes answer alike.

    Raises:
        ArtifactError: vectors or the question model are missing or damaged.
    """
    from nadeuri.guide.parts import open_vectors
    from nadeuri.guide.pipeline import open_guide

    vectors, entities = open_vectors(folder), entity_reader_of(settings)

    def open_here() -> Guide:
        model = language_model_of(settings)
        return open_guide(folder, memory=memory, model=model, entities=entities, vectors=vectors)

    return open_here


def language_model_of(settings: Settings) -> LanguageModel | None:
    """The configured language model, if there is one."""
    if settings.llm_base_url is None:
        return None
    from nadeuri.llm import LanguageModel, LanguageModelConfig

    return LanguageModel(
        LanguageModelConfig(settings.llm_base_url, settings.llm_model or "", settings.llm_key)
    )


def entity_reader_of(settings: Settings) -> EntityReader | None:
    """The exported question model, if there is one."""
    from nadeuri.understand.bundle import DEFAULT_FOLDER

    artifact = settings.artifacts / DEFAULT_FOLDER
    if not artifact.is_dir():
        return None
    from nadeuri.cli.guide.entities import ParsedEntities
    from nadeuri.guide.pipeline import now_in_jeju
    from nadeuri.understand.predict import QuestionParser

    parser = QuestionParser(artifact)
    parser.warm_up()
    return ParsedEntities(parser, lambda: now_in_jeju().date())
