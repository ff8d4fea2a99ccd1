"""The only code that touches a model library. Import the engine you need; importing this loads none."""

import logging

# It warns of missing kernels that nobody asked for, as soon as peft is imported; processors with AVX-512 BF16 only.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
