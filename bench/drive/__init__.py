"""Every page driven in a real browser as a person would: for tests, pictures and figures."""
