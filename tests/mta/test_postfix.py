# SPDX-License-Identifier: BSD-2-Clause
"""Every scenario behind a real Postfix."""
import sys

import run

sys.exit(run.main("postfix", sys.argv[1:]))
