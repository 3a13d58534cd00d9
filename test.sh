#!/usr/bin/env bash
# Installs what the tests need, builds with warnings as errors and runs every test.
#   ./test.sh          reduced counts: minutes
#   ./test.sh --full   every count that is stated anywhere
# The last line is "N passed, N failed". The exit code is not zero when anything failed or nothing ran.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0
failed=0
log=$(mktemp)
COPILOT_TEST_REPORT=$(mktemp)
export COPILOT_TEST_REPORT

# Whatever ends the script, the last line tells; a failure without a failed test (no build, a crash, nothing ran) counts as one.
finish() {
  local status=$?
  rm -f "$log" "$COPILOT_TEST_REPORT"
  if ((failed == 0 && (status != 0 || passed == 0))); then failed=1; fi
  echo "$passed passed, $failed failed"
  exit $((failed > 0 ? 1 : 0))
}
trap finish EXIT

case "$*" in
  '') unset COPILOT_FULL; mode='reduced counts (./test.sh --full runs those stated)' ;;
  --full) export COPILOT_FULL=1; mode='full counts' ;;
  *) echo "usage: $0 [--full]" >&2; exit 2 ;;
esac
echo "mode: $mode"

# Programs that tests call as peers. Package and command have the same name.
missing=()
for tool in zstd strace prometheus-alertmanager; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
# The command of one of Debian's packages is named otherwise; its kubectl is old, but the only one there.
command -v kubectl >/dev/null || missing+=(kubernetes-client)
# Libraries. One lies with the system's own Python, which need not be the first on the path, the other where Debian keeps sources in Go.
/usr/bin/python3 -c 'import scipy' 2>/dev/null || missing+=(python3-scipy)
[[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]] || missing+=(golang-golang-x-mod-dev)
command -v go >/dev/null || missing+=(golang-go)
# Node brings npm along, but not in Debian.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if ((${#missing[@]})); then
  as_root=()
  if ((EUID != 0)); then as_root=(sudo -n); fi
  if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "missing, and not installable here (needs apt and root): ${missing[*]}" >&2
  else
    # One repository out of reach must not keep the packages of the others away.
    "${as_root[@]}" apt-get -qq update || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" ||
      echo "missing, and apt could not install: ${missing[*]}" >&2
  fi
fi

# Packages of npm, as their lock file has them; anew when that is newer.
if [[ ! tests/peers/npm/node_modules/.package-lock.json -nt tests/peers/npm/package-lock.json ]]; then
  npm ci --prefix tests/peers/npm --ignore-scripts --no-audit --no-fund --loglevel=error ||
    echo "npm could not install what tests/peers/npm/package-lock.json names" >&2
fi

dotnet restore -v quiet
dotnet build -c Release --no-restore -v quiet -warnaserror

# A crashed run may print no summary, or a summary without the crash: the exit code counts as well.
status=0
dotnet test --solution Copilot.sln -c Release --no-build --no-progress --no-ansi 2>&1 | tee "$log" || status=$?
count() { sed -nE "s/^ +$1: ([0-9]+)\$/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded)
failed=$(count failed)
skipped=$(count skipped)
passed=${passed:-0}
failed=${failed:-0}
sort "$COPILOT_TEST_REPORT"
# Once more at the end, where whoever sees only the last lines finds them.
grep -A 12 -E '^failed ' "$log" || true
echo "mode: $mode; ${skipped:-0} skipped"
exit "$status"
