"""Runs a command with a terminal as standard output and error, prints what it said, and exits as it did."""
import os
import pty
import sys

sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], stdin_read=lambda fd: b"")))
