"""The adapter alone as GGUF: `python -m workbench.engines.exporting.adapter_file ADAPTER BASE.gguf HEADS KV_HEADS`.

Short because it is a child process of its own: llama.cpp's library is loaded there and leaves with it.
"""

import sys
from pathlib import Path

from workbench.engines.exporting.export_files import architecture_of
from workbench.engines.gguf_adapter import adapter_gguf
from workbench.errors import WorkbenchError

if __name__ == "__main__":
    folder, base = Path(sys.argv[1]), Path(sys.argv[2])
    heads, kv_heads = map(int, sys.argv[3:5])
    try:
        adapter_gguf(folder, architecture=architecture_of(base), n_heads=heads, n_kv_heads=kv_heads)
    except WorkbenchError as failure:
        sys.exit(str(failure))
