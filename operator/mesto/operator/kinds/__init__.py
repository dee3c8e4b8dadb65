"""Kinds of custom resources: each has its spec, its pure plan, and what applies it."""
