# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that a real Postfix replaces, and signatures over them."""
import sys

import replacing

sys.exit(replacing.main("postfix"))
