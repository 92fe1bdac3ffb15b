"""Floor 4: what editors do to stored articles: correct, withdraw, release. Services and above import it."""
