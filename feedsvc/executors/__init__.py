"""Floor 7: what runs polls and chores; each engine calls `Poller.poll_batch`. The doors import it."""
