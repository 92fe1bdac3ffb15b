"""Floor 2: the only home of SQL, and the shelf of finished documents. Use cases and above import it.

One module per noun; every function takes a session first and returns domain values, never rows.
"""
