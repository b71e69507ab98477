#!/usr/bin/env bash
# tools/profile.sh: measures which of Weir's code runs how often, for the release build to be laid out by it
# (cmake/toolchain.cmake). Run it when hot code has changed much; functions that changed since are compiled as
# without a profile. Some minutes: it builds an instrumented Weir in build/profile.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/profile
cmake --preset release -B $build -DWEIR_PROFILE=generate > /dev/null
cmake --build $build -j "$(nproc)" --target weir
data=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$data"' EXIT
listen=127.0.0.1:${PROFILE_PORT:-22180}
provider=127.0.0.1:${PROFILE_PROVIDER_PORT:-22181}

$build/weir upstream --listen $provider > /dev/null 2>&1 &
LLVM_PROFILE_FILE=$data/weir.profraw WEIR_LISTEN=$listen WEIR_DATA=$data/weir WEIR_RATE_LIMIT=1000000/15m \
  ANTHROPIC_BASE_URL=http://$provider ANTHROPIC_API_KEY=sk-provider \
  VALID_API_KEYS=sk-profile-1 ALLOWED_ORIGINS=https://app.example.com $build/weir serve > /dev/null 2>&1 &
server=$!
for _ in $(seq 100); do curl -fso /dev/null "http://$listen/readyz" && break; sleep 0.1; done
python3 tools/profile_load.py "${listen##*:}" sk-profile-1
kill $server
wait $server
llvm-profdata-19 merge --sparse -o cmake/weir.profdata "$data/weir.profraw"
ls -l cmake/weir.profdata
