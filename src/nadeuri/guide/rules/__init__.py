"""From a question to a plan by rules: :func:`~nadeuri.guide.rules.reading.read`."""
