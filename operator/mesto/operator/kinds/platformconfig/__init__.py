"""The kind PlatformConfig."""
