#!/usr/bin/env bash
# tools/mutate must notice a cross-check that sees nothing: it exits with 1 and names the mutants.
# usage: mutate_notices.sh DIR
set -euo pipefail
mkdir -p "$1"
cat >"$1/blind" <<'BLIND'
#!/usr/bin/env bash
for mutant in 0 1 2 3; do echo "mutant=$mutant: equal, 1 comparisons"; done
BLIND
chmod +x "$1/blind"
status=0
"$(dirname "$0")/../../tools/mutate" --count 3 --mixpe "$1/blind" --out "$1" mixpe_w4a8.w4.os || status=$?
[[ $status -eq 1 ]] && grep -q '^\* mixpe_w4a8.w4.os [123] survives: ' "$1/report.md"
