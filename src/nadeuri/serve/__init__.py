"""The HTTP API. Reads exported artefacts; never imports torch, mlflow or transformers."""
