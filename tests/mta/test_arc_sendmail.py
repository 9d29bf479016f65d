# SPDX-License-Identifier: BSD-2-Clause
"""Sealing behind a real Sendmail."""
import sys

import arc

sys.exit(arc.main("sendmail"))
