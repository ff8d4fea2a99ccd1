"""``python -m workbench.prosody``: the command of this package by itself."""

from workbench.prosody.command import app

if __name__ == "__main__":
    app()
