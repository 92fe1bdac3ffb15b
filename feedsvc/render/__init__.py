"""Floor 2: a feed becomes bytes, purely and deterministically; the only home of feedgen. Imports text and domain; publish and whatever stands above may import it."""
