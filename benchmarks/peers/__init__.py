"""What we are compared with: the same work done by as little code as it takes."""
