# SPDX-License-Identifier: BSD-2-Clause
"""Beside a second milter, behind a real Postfix."""
import sys

import beside

sys.exit(beside.main("postfix"))
