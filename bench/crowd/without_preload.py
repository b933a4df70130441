"""gunicorn's settings of the service but for one: each worker loads the artefacts for itself."""

from __future__ import annotations

from nadeuri.serve.gunicorn_conf import *  # noqa: F403

preload_app = False
