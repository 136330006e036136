#!/usr/bin/env bash
# A layer check that cannot fail is no check: each offence below must be reported.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

refused() {  # refused FILE LINE
  rm -rf "$tree"/*
  mkdir -p "$tree"/{models/pe/int8,models/core,sim/config,sim/energy,sim/app}
  touch "$tree/models/core/ok.cpp"
  "$root/tools/check_layers" "$tree" >/dev/null || { echo "a clean tree was refused"; exit 1; }
  echo "$2" >"$tree/$1"
  if "$root/tools/check_layers" "$tree" >/dev/null; then
    echo "not noticed: '$2' in $1"
    exit 1
  fi
}

refused models/core/a.cpp '#include "sim/config/arch_spec.h"'
refused models/core/a.cpp '#include <fstream>'
refused sim/config/a.cpp '#include "sim/energy/bill.h"'
refused sim/energy/a.cpp '#include <systemc>'
refused sim/app/a.cpp 'if (name == "int8") {}'
