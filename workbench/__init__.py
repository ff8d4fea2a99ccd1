"""The poetry workbench: teach language models poetry, and prove what was taught."""
