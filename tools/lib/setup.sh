# Sourced by tools/quickstart and tools/test: installs what is missing from apt, times phases.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export LC_ALL=C.UTF-8

phase_name=""
phase_start=0
phase() {  # phase NAME: ends the phase before, prints its time, starts the next
  local now
  now=$(date +%s)
  [ -z "$phase_name" ] || echo "== $phase_name: $((now - phase_start)) s"
  phase_name=$1
  phase_start=$now
  [ -z "$1" ] || echo "== $1 …"
}

packages=(g++ cmake ninja-build ccache pkg-config libsystemc-dev libboost-dev libyaml-cpp-dev
  libfmt-dev libcli11-dev nlohmann-json3-dev libgtest-dev libgmock-dev librapidcheck-dev
  libbenchmark-dev sqlite3 libsqlite3-dev libsqlitecpp-dev libpagmo-dev verilator yosys iverilog opensta
  qflow-tech-osu018)

install_packages() {
  local missing=() p
  for p in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Please install as root: apt-get install ${missing[*]}" >&2
      exit 1
    }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
