# SPDX-License-Identifier: BSD-2-Clause
"""Bodies that break the rules, signed and delivered by a real Sendmail."""
import sys

import bodies

sys.exit(bodies.main("sendmail"))
