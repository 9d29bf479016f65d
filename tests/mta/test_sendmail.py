# SPDX-License-Identifier: BSD-2-Clause
"""Every scenario behind a real Sendmail."""
import sys

import run

sys.exit(run.main("sendmail", sys.argv[1:]))
