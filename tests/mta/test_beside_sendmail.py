# SPDX-License-Identifier: BSD-2-Clause
"""Beside a second milter, behind a real Sendmail."""
import sys

import beside

sys.exit(beside.main("sendmail"))
