"""The poetry workbench: teach language models poetry, and prove what was taught."""

import os

__version__ = "0.2.0"

# Threads of torch and llama.cpp wait for one another by turning in circles. Beside one busy program, a browser say,
# they hold up the thread they wait for: notebook 06 took 241 s instead of 31 on two cores, and 35 with this. GNU's
# OpenMP reads it when it is loaded, so it stands before every import of a model library.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
