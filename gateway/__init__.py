"""From bytes to an answer."""
