"""Where things are: the one module that knows the project's root."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
