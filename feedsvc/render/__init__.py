"""Floor 2: a feed becomes bytes, purely and deterministically; the only home of feedgen. Imports domain and errors only; publish and whatever stands above may import it."""
