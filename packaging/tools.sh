# Sourced by the scripts beside it: finds each tool or installs a pinned version of it below target/tools.
# What the machine has already is used; nothing is installed outside target/ but Debian packages, and those only in CI.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/target/tools
case ":$PATH:" in *":$tools/bin:"*) ;; *) export PATH="$tools/bin:$PATH" ;; esac
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1)

say() { echo "packaging: $*" >&2; }
die() { say "$*"; exit 1; }

# from_pypi COMMAND PACKAGE=VERSION…: prebuilt tools that their makers publish as wheels
from_pypi() {
    local command=$1
    shift
    [ -x "$tools/bin/$command" ] && return
    [ -x "$tools/bin/python3" ] || python3 -m venv "$tools" || die "python3 with its venv module is needed for $command"
    "$tools/bin/python3" -m pip install --quiet --disable-pip-version-check "$@" >&2 || die "cannot install $*"
}

# from_crates COMMAND VERSION: tools that are to be compiled; unoptimised, because they run once
from_crates() {
    command -v "$1" >/dev/null && return
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_TARGET_DIR=$tools/target \
        cargo install --quiet --locked --root "$tools" --version "$2" "$1" >&2 || die "cannot install $1"
}

# from_debian COMMAND PACKAGE…: in CI only; elsewhere it says what is missing
from_debian() {
    local command=$1
    shift
    [ -x "$command" ] || command -v "$command" >/dev/null && return
    if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends "$@" >/dev/null && return
    fi
    die "$command is missing: apt-get install --no-install-recommends $*"
}
