"""The tab in which retrieval is measured."""
