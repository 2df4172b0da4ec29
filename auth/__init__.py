"""Who asks, why, and what they may see. Pure: no database, no network, nothing of ours imported from outside."""
