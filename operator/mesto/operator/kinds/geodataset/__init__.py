"""The kind GeoDataset."""
