"""Which candidates are recommended and why: by scored fit, or by a language model, checked."""
