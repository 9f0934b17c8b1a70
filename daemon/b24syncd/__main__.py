"""`python -m b24syncd` is the program as well."""

import sys

from b24syncd.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
