# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that a real Postfix writes anew, and signatures over them."""
import sys

import rewriting

sys.exit(rewriting.main("postfix"))
