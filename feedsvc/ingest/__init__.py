"""Floor 4: the way in, from a claim to one committed transaction. Services and above import it."""
