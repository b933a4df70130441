"""The web pages: guide, planner, reviews. They ask the API over HTTP and know no model."""
