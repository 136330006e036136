#!/usr/bin/env bash
# Prints what tests/golden/main_job.csv holds: the summary of the main job. usage: main_job.sh MIXPE
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" compare llama2-7b --output "$folder" >/dev/null
cat "$folder/summary.csv"
