# tools/setup.sh: sourced by ./run and ./test. Installs what is missing, prints what it does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "installing packages needs root: run as root, or install sudo"; fi
}

# install_packages KIND...: the Debian packages of tools/packages.txt that are not there yet.
install_packages() {
  command -v dpkg-query >/dev/null || die "Weir builds on Debian 12; this machine has no dpkg"
  local missing=() kind package
  while read -r kind package; do
    [[ " $* " == *" $kind "* ]] || continue
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done < <(grep -v '^#' tools/packages.txt)
  if [[ " $* " == *" test "* ]]; then
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    command -v go >/dev/null || missing+=(golang-go)
  fi
  [ ${#missing[@]} -eq 0 ] && return 0
  say "installing ${#missing[@]} packages: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    > build/apt.log 2>&1 || { tail -20 build/apt.log >&2; die "apt-get failed; the log is build/apt.log"; }
}

# build PRESET TARGET...: configures when needed, and compiles.
build() {
  local preset=$1; shift
  export CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-4G}"
  if [ ! -f "build/$preset/build.ninja" ]; then
    say "configuring the $preset build"
    cmake --preset "$preset" > "build/$preset.configure.log" 2>&1 ||
      { tail -30 "build/$preset.configure.log" >&2; die "cmake failed"; }
  fi
  say "compiling ($preset: $*)"
  NINJA_STATUS='[%f/%t %es] ' cmake --build "build/$preset" --target "$@"
}

mkdir -p build
source tools/model.sh
