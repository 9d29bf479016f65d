# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that a real Sendmail writes anew, and signatures over them."""
import sys

import rewriting

sys.exit(rewriting.main("sendmail"))
