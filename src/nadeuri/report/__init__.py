"""What the reports of all rooms share: page style, templates and charts."""
