"""Runs mezo.py, lora.py or gradients.py, named first, in their own environment, which is made on the first run."""

import os
import subprocess
import sys

from install import HERE, install

if __name__ == "__main__":
    command = [str(install()), str(HERE / sys.argv[1]), *sys.argv[2:]]
    if sys.platform == "win32":
        sys.exit(subprocess.run(command).returncode)
    # The training takes this process's place, so that ending the one ends the other.
    os.execv(command[0], command)
