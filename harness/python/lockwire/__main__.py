"""python -m lockwire."""

import sys

from lockwire.cli import main

sys.exit(main())
