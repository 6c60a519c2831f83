"""Text into HTML: marks, places, sources, filters."""
