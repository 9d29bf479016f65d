# SPDX-License-Identifier: BSD-2-Clause
"""Bodies that break the rules, signed and delivered by a real Postfix."""
import sys

import bodies

sys.exit(bodies.main("postfix"))
