"""The chat page. It asks the API over HTTP and knows no model."""
