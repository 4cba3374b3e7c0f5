#!/bin/sh
# Sets up what `make run`, `make test` and `make check` need; does nothing when all of it stands.
#   sh grc/embedded/install.sh run|test     .venv with requirements.txt, or requirements-dev.txt
#   sh grc/embedded/install.sh chromium     a browser for the tests; prints where it is
set -eu
cd "$(dirname "$0")/../.."

fail() { printf 'Tickmark: %s\n' "$1" >&2; exit 1; }

# Prints the version of a Python we can use, as in "3.12"; fails for any other.
version_of() {
    "$1" -c 'import sys, venv, ensurepip
version = sys.version_info[:2]
sys.exit(1) if not (3, 11) <= version <= (3, 13) else print("%d.%d" % version)' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && version_of "$candidate" >/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || echo 'no Python at all')
    fail "Python 3.11, 3.12 or 3.13 with its venv module is needed; python3 here is $found.
On Debian or Ubuntu: apt-get install python3 python3-venv. Or name one: make run PYTHON=/path/to/python3.12"
}

# The packages that files of requirements name, each with its version.
pins() {
    sed -n 's/^\([A-Za-z0-9._-]*==[^ ;]*\).*/\1/p' "$@" | tr 'A-Z_.' 'a-z--' | sort
}

install() {
    stamp=".venv/.installed-$1"
    wanted=$(cat requirements*.txt requirements*.lock requirements*.hashes | cksum)
    have=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
    # A Python named by hand replaces one of another version.
    asked=$have
    [ -z "${PYTHON:-}" ] || asked=$(version_of "$PYTHON" || echo "$have")
    if [ "$have" = "$asked" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && [ -n "$have" ]; then
        return
    fi
    # A mark tells an installation that was cut off: what it left may be broken in any place.
    if [ "$have" != "$asked" ] || [ -e .venv/.unfinished ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        python=$(find_python)
        echo "Making .venv with $("$python" --version) …"
        "$python" -m venv --clear .venv
    fi
    echo 'Installing packages …'
    : > .venv/.unfinished
    [ "$1" = test ] && file=requirements-dev || file=requirements
    # Every file of every package must have a hash we know (SUP-1). While a lock was changed and
    # `make lock` has not been run, by version alone; a test refuses to land that.
    if [ "$(pins requirements.lock)" = "$(pins requirements.hashes requirements-dev.hashes)" ]; then
        set -- "$1" --require-hashes --requirement "$file.hashes"
    else
        echo 'requirements.lock is newer than its hashes: run `make lock`. Installing by version alone.' >&2
        set -- "$1" --requirement "$file.txt" --constraint requirements.lock
    fi
    part=$1; shift
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check "$@" || fail 'pip could not install the packages; what it said is above.'
    rm -f .venv/.unfinished
    printf '%s\n' "$wanted" > .venv/.installed-run
    [ "$part" = run ] || printf '%s\n' "$wanted" > "$stamp"
}

find_chromium() {
    for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        [ -n "$candidate" ] && command -v "$candidate" && return
    done
    return 1
}

install_chromium() {
    find_chromium && return
    command -v apt-get >/dev/null || fail 'the browser tests need Chromium: install it, or name it in CHROMIUM.'
    as_root=
    if [ "$(id -u)" != 0 ]; then
        as_root='sudo -n'
        $as_root true 2>/dev/null || fail 'the browser tests need Chromium, and this account may not install it. Ask for: apt-get install chromium. Or name a browser in CHROMIUM.'
    fi
    echo 'Installing Chromium …' >&2
    if ! { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >&2; then
        fail 'Chromium could not be installed; what apt-get said is above.'
    fi
    find_chromium || fail 'Chromium was installed and is not found; name it in CHROMIUM.'
}

case "$1" in
    run|test) install "$1" ;;
    chromium) install_chromium ;;
    *) fail "unknown part: $1" ;;
esac
