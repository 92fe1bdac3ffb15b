"""Floor 7: what runs polls; each engine calls `Poller.poll_batch`. The doors import it."""
