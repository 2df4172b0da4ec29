"""``tongcha doctor``: what is wrong with a deployment before it serves, or while it does; each with what to do."""
