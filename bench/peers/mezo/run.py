"""Runs mezo.py in its own environment, which is made on the first run. Takes the options of mezo.py."""

import subprocess
import sys

from install import HERE, install

if __name__ == "__main__":
    sys.exit(subprocess.run([install(), HERE / "mezo.py", *sys.argv[1:]]).returncode)
