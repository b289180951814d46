#!/bin/sh
# Rebuilds the whitepaper and its two pictures from a clean checkout.
# Needs Python 3.11 or later. The compiler is a pinned wheel, put into a temporary environment unless it is there
# already. Same sources, same bytes: versions and date are fixed, and only the fonts in ../fonts are used.
set -eu
cd "$(dirname "$0")"

typst=0.15.2
pillow=13.0.0
python=python3

has_wheels() {
    "$python" -c "from importlib.metadata import version as v; exit(v('typst') != '$typst' or v('pillow') != '$pillow')" 2>/dev/null
}

if ! has_wheels; then
    venv=$(mktemp -d)
    trap 'rm -rf "$venv"' EXIT
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "typst==$typst" "pillow==$pillow"
    python="$venv/bin/python"
fi

"$python" build.py
