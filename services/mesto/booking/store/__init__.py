"""All SQL of booking, by noun. Functions take the caller's connection: the service decides about transactions."""
