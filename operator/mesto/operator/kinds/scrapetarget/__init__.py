"""The kind ScrapeTarget."""
