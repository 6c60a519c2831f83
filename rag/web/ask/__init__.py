"""The tab in which questions are asked: its parts, its events, and what they show."""
