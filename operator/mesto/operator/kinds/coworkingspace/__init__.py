"""CoworkingSpace: a space, its hours, resources, prices and policy."""
