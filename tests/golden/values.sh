#!/usr/bin/env bash
# Prints what tests/golden/values.csv holds: digests of real bits on an integer, a fixed-point, an aligned
# and two floating-point PEs. usage: values.sh MIXPE
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
run() {
  echo "# $*"
  "$mixpe" run "$1" traces/tiny.csv --values llm --seed 1 --csv "$folder/r.csv" "${@:2}" >/dev/null
  cat "$folder/r.csv"
}
mixpe=$1
run mixpe_w4a8_64x64
run mixpe_w4a16_64x64 --scheme w4a16kv4_g128
run mixpe_w4a16_64x64 --scheme w4a16kv4_g128 --set pe.sum=aligned
run mixpe_w4a16_64x64 --scheme w4a16kv4_g128 --set pe.sum=fp32
run int8_dequant_before_64x64 --scheme w4a8kv4_g128_int8_before
run fp16_64x64 --scheme fp16 --set array.dataflow=ws
