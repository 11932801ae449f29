#!/usr/bin/env bash
# Rebuilds resources/demo. Uses the Python of VENV where it is set, else makes .venv beside this file.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="${VENV:-$here/.venv}"
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --requirement "$here/requirements.txt"
fi
exec "$venv/bin/python" "$here/build.py" "$@"
