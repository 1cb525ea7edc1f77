# What the tests and the demo use of the system. Sourced by ./test.
# Debian packages are installed through apt when root; otherwise the missing ones are named, and the tests that need them are skipped with the reason.
needs_for_tests() {
  local missing=() pair
  for pair in ngircd:ngircd inspircd:inspircd irssi:irssi chromium:chromium /usr/lib/postgresql:postgresql openssl:openssl softhsm2-util:softhsm2 tmux:tmux cmake:cmake gcc:gcc make:make /usr/include/openssl:libssl-dev /usr/include/zlib.h:zlib1g-dev go:golang-go /usr/share/gocode/src/golang.org/x/mod:golang-golang-x-mod-dev; do
    # A library has no command: its folder stands for it.
    case "$pair" in /*) [ -e "${pair%%:*}" ] && continue ;; esac
    command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || missing+=("${pair##*:}")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing ${missing[*]}"
    apt-get update -qq >/dev/null 2>&1 || true
    # A package that starts a service on installation would leave something running: policy-rc.d says no.
    local policy=/usr/sbin/policy-rc.d made=0
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=1; fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
      echo "could not install all of: ${missing[*]}; tests that need them are skipped" >&2
    [ "$made" -eq 1 ] && rm -f "$policy"
  else
    echo "not installed: ${missing[*]}. Install them with: apt-get install ${missing[*]}" >&2
    echo "Tests that need them are skipped with the reason." >&2
  fi
  return 0
}
