"""The workbench in a browser: `make app`, then http://127.0.0.1:7860. The same as `workbench app`."""

import sys

from workbench.__main__ import main

if __name__ == "__main__":
    sys.argv[1:1] = ["app"]
    main()
