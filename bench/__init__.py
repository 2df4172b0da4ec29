"""The benchmark: the same operations on the same city, asked of Tongcha and of what a user would pick instead."""
