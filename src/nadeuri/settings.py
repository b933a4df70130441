"""The only reader of the environment. Entry points call it once and pass the values down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nadeuri.errors import ConfigError

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True)
class Launch:
    """One of several processes of a job, as torchrun describes it.

    Attributes:
        rank: number of this process in the job, from 0 (``RANK``).
        world: number of processes in the job (``WORLD_SIZE``).
        local_rank: number of this process on its machine (``LOCAL_RANK``).
    """

    rank: int
    world: int
    local_rank: int


@dataclass(frozen=True)
class Settings:
    """What the environment says.

    Attributes:
        home: work folder for prepared data, runs and artefacts; ``NADEURI_HOME``, else ``work``
            below the current folder.
        tracking_uri: where MLflow keeps runs; ``MLFLOW_TRACKING_URI``, else an SQLite file in
            ``home``, so that tracking works with no server.
        demo_once: ``DEMO_ONCE``: the demo exits after its recommendations instead of serving on.
        spark_master: ``NADEURI_SPARK_MASTER``: where ``--engine spark`` runs; None leaves it to
            Spark's own configuration.
        launch: set when torchrun started this process.
        llm_base_url: ``NADEURI_LLM_BASE_URL``: address of an OpenAI-compatible server, up to and
            with ``/v1``; None without a language model.
        llm_model: ``NADEURI_LLM_MODEL``: name of the model there.
        llm_key: ``NADEURI_LLM_KEY``: API key, where the server needs one.
        api_key: ``NADEURI_API_KEY``: with which the pages ask the API, where it wants a key.
        keys: ``NADEURI_KEYS``: what a file of API keys says, where a container has no such file.
        neo4j_uri: ``NEO4J_URI``: address of a graph server; None without one.
        neo4j_user: ``NEO4J_USER``, else ``neo4j``.
        neo4j_password: ``NEO4J_PASSWORD``.
        neo4j_database: ``NEO4J_DATABASE``; None for the server's default.
    """

    home: Path
    tracking_uri: str
    demo_once: bool = False
    spark_master: str | None = None
    launch: Launch | None = None
    llm_base_url: str | None = None
    llm_model: str | None = None
    llm_key: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    keys: str | None = field(default=None, repr=False)
    neo4j_uri: str | None = None
    neo4j_user: str = "neo4j"
    neo4j_password: str = field(default="", repr=False)
    neo4j_database: str | None = None

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, *, home: Path | None = None
    ) -> Settings:
        """Read ``environ`` (the process environment when None).

        Args:
            home: takes the place of ``NADEURI_HOME``; for commands with such an option.

        Raises:
            ConfigError: a switch is neither on nor off, or a number is none.
        """
        environ = os.environ if environ is None else environ
        home = home or Path(environ.get("NADEURI_HOME") or "work")
        return cls(
            home=home,
            tracking_uri=environ.get("MLFLOW_TRACKING_URI") or sqlite_uri(home),
            demo_once=_switch(environ, "DEMO_ONCE"),
            spark_master=environ.get("NADEURI_SPARK_MASTER") or None,
            launch=_launch(environ),
            llm_base_url=environ.get("NADEURI_LLM_BASE_URL") or None,
            llm_model=environ.get("NADEURI_LLM_MODEL") or None,
            llm_key=environ.get("NADEURI_LLM_KEY") or None,
            api_key=environ.get("NADEURI_API_KEY", "").strip() or None,
            keys=environ.get("NADEURI_KEYS", "").strip() or None,
            neo4j_uri=environ.get("NEO4J_URI") or None,
            neo4j_user=environ.get("NEO4J_USER") or "neo4j",
            neo4j_password=environ.get("NEO4J_PASSWORD") or "",
            neo4j_database=environ.get("NEO4J_DATABASE") or None,
        )

    @property
    def data_cache(self) -> Path:
        """Where data sets given by their source are prepared, once each."""
        return self.home / "data"

    @property
    def comparisons(self) -> Path:
        """Where comparisons keep their runs and reports, a folder for each."""
        return self.home / "compare"

    @property
    def runs(self) -> Path:
        """Where single training runs keep their checkpoints."""
        return self.home / "runs"

    @property
    def studies(self) -> Path:
        """Where searches over settings keep their trials and reports, a folder for each."""
        return self.home / "tune"

    @property
    def artifacts(self) -> Path:
        """Where exported models are published."""
        return self.home / "artifacts"


def sqlite_uri(home: Path) -> str:
    """MLflow's address of the SQLite file in ``home``."""
    return f"sqlite:///{(home / 'mlflow.db').absolute()}"


def _switch(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ConfigError(f"environment variable {name}={value!r}: set it to 1 or 0")


def _launch(environ: Mapping[str, str]) -> Launch | None:
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
    if "MASTER_ADDR" not in environ or not all(name in environ for name in names):
        return None
    values = [environ[name] for name in names]
    for name, value in zip(names, values, strict=True):
        if not value.isdecimal():
            raise ConfigError(
                f"environment variable {name}={value!r}: torchrun sets it to a number"
            )
    return Launch(*map(int, values))
