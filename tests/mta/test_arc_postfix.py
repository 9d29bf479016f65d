# SPDX-License-Identifier: BSD-2-Clause
"""Sealing behind a real Postfix."""
import sys

import arc

sys.exit(arc.main("postfix"))
