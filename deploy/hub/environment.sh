#!/bin/bash
# The environment that the hub and all its readers share: `deploy/hub/environment.sh FOLDER`. Again after each change of
# the course's code. It is what Binder installs, and the hub's own packages.
set -euo pipefail
mkdir -p "${1:?Say where: deploy/hub/environment.sh FOLDER}"
folder=$(realpath "$1")
cd "$(dirname "$0")/../.."
umask 022 # readers read it, and only its owner writes
"${PYTHON:-python3}" -m venv "$folder"
export PATH="$folder/bin:$PATH"
python -m pip install --quiet -r .binder/requirements.txt -r deploy/hub/requirements.txt
bash .binder/postBuild
