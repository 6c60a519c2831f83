"""Text into HTML: marks, drawn tables and lists, places, sources, filters."""
