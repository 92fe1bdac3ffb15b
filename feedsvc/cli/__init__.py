"""Floor 10: the command line, one file per noun. Only `__main__` imports it.

Modules here import what a command needs inside the command: `--help` answers within 200 ms because
it loads neither Flask nor SQLAlchemy.
"""
