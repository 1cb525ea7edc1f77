#!/usr/bin/env bash
# Makes samples/clients/{irssi,weechat,znc} by running the real Debian clients against two real, linked ngircd servers on
# loopback. Every line is invented. What was sent, in order, is written to samples/clients/sent.jsonl; tests compare.
# Needs: ngircd irssi weechat znc tmux faketime (Debian packages of the same names).
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
target=$here/samples/clients
for program in ngircd irssi weechat znc tmux; do
  command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || { echo "not installed: $program" >&2; exit 1; }
done
fake=$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null | head -n 1)
[ -n "$fake" ] || { echo "not installed: faketime (libfaketime moves the clients' clock past midnight)" >&2; exit 1; }

work=$(mktemp -d)
socket=custos-samples-$$
children=()
finish() {
  tmux -L "$socket" kill-server 2>/dev/null || true
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

free_port() { # Asks the kernel by trying: a port nobody answers on.
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
until_true() { # Waits for a condition, at most 20 seconds.
  local tries=0
  until eval "$1"; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { echo "gave up waiting for: $1" >&2; exit 1; }
    sleep 0.1
  done
}

# --- the clock of the three clients: one file that all of them read -------------------------------------------------
set_clock() { # to a UTC time of the story
  local wanted now
  wanted=$(date -u -d "$1" +%s) now=$(date -u +%s)
  printf '%+ds\n' $((wanted - now)) >"$work/clock"
}
clock_env=(TZ=UTC LC_ALL=C.UTF-8 "LD_PRELOAD=$fake" "FAKETIME_TIMESTAMP_FILE=$work/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1)
clocked() { env "${clock_env[@]}" "$@"; }
set_clock "2026-11-02 23:57:05"

# --- two linked servers ---------------------------------------------------------------------------------------------
port=$(free_port) port2=$(free_port)
server() { # name port other-name other-port passive
  cat >"$work/$1.conf" <<CONF
[Global]
	Name = $1
	AdminInfo1 = samples
	AdminEMail = nobody@example.net
	Info = samples
	Listen = 127.0.0.1
	Ports = $2
	MotdPhrase = samples
	PidFile = $work/$1.pid
[Limits]
	MaxConnectionsIP = 0
	MaxPenaltyTime = 0
	MaxNickLength = 16
	ConnectRetry = 5
[Options]
	DNS = no
	Ident = no
	PAM = no
	ChrootDir =
[Server]
	Name = $3
	Host = 127.0.0.1
	Port = $4
	MyPassword = one
	PeerPassword = one
	Passive = $5
CONF
  ngircd -n -f "$work/$1.conf" >"$work/$1.out" 2>&1 &
  children+=($!)
}
PATH=$PATH:/usr/sbin
server irc1.example.net "$port" irc2.example.net "$port2" yes
server irc2.example.net "$port2" irc1.example.net "$port" no
second=${children[1]}
until_true "(exec 9<>/dev/tcp/127.0.0.1/$port) 2>/dev/null"
until_true "(exec 9<>/dev/tcp/127.0.0.1/$port2) 2>/dev/null"

# --- speakers: plain connections, one line each ---------------------------------------------------------------------
declare -A fd
speaker() { # nick port
  local handle
  exec {handle}<>"/dev/tcp/127.0.0.1/$2"
  fd[$1]=$handle
  printf 'NICK %s\r\nUSER %s 0 * :%s\r\n' "$1" "$1" "$1" >&"$handle"
  : >"$work/$1.in"
  ( while IFS= read -r line <&"$handle"; do
      case $line in PING*) printf 'PONG %s\r\n' "${line#PING }" >&"$handle" ;; esac
      printf '%s\n' "$line" >>"$work/$1.in"
    done ) &
  children+=($!)
  until_true "grep -q ' 001 ' '$work/$1.in'"
}
raw() { printf '%s\r\n' "$2" >&"${fd[$1]}"; }
seen() { # the witness has seen so many lines holding the text
  until_true "[ \"\$(grep -a -c -F -- '$1' '$work/witness.in')\" -ge ${2:-1} ]"
}

mkdir -p "$target"/{irssi,weechat,znc}
: >"$work/sent"
number=0
sent() { # room-or-nick from text
  number=$((number + 1))
  printf '{"venue":"irc://irc1.example.net/#lighthouse","thread":"%s","id":"%d","from":"%s","text":"%s"}\n' "$1" "$number" "$2" "$3" >>"$work/sent"
}
marks=0
settled() { # what was sent before is with everyone: the witness's own notice came back to the room's order
  marks=$((marks + 1))
  raw witness "PING :mark-$marks"
  until_true "grep -a -q 'mark-$marks' '$work/witness.in'"
}
say() { # nick text: sent, and waited for, so that the order is the same for every client
  local before
  before=$(grep -a -c 'PRIVMSG #lighthouse' "$work/witness.in" || true)
  printf 'PRIVMSG #lighthouse :%b\r\n' "${3:-$2}" >&"${fd[$1]}"
  until_true "[ \"\$(grep -a -c 'PRIVMSG #lighthouse' '$work/witness.in')\" -gt $before ]"
  sent "" "$1" "$2"
}
act() { say "$1" "$2" "\001ACTION $2\001"; }

speaker witness "$port"
raw witness "JOIN #lighthouse"
seen "JOIN"

# --- the three clients ----------------------------------------------------------------------------------------------
mkdir -p "$work/irssi"
cat >"$work/irssi/config" <<CONF
servers = ( { address = "127.0.0.1"; chatnet = "samples"; port = "$port"; autoconnect = "yes"; } );
chatnets = { samples = { type = "IRC"; nick = "keeper"; }; };
channels = ( { name = "#lighthouse"; chatnet = "samples"; autojoin = "Yes"; } );
settings = {
  core = { real_name = "keeper"; user_name = "keeper"; nick = "keeper"; };
  "fe-common/core" = { autolog = "yes"; autolog_path = "$work/irssi/logs/\$tag/\$0.log"; };
};
CONF
clocked tmux -L "$socket" -f /dev/null new-session -d -s irssi -x 200 -y 50 "irssi --home=$work/irssi"

mkdir -p "$work/weechat"
cat >"$work/weechat.sh" <<RUN
exec weechat --dir $work/weechat -r '/server add samples 127.0.0.1/$port -notls' -r '/set irc.server.samples.nicks tern' \\
  -r '/set irc.server.samples.autojoin "#lighthouse"' -r '/connect samples'
RUN
clocked tmux -L "$socket" new-session -d -s weechat -x 200 -y 50 "sh $work/weechat.sh 2>$work/weechat.err"

mkdir -p "$work/znc/configs"
cat >"$work/znc/configs/znc.conf" <<CONF
Version = 1.8.2
<Listener l>
	Port = $(free_port)
	IPv4 = true
	IPv6 = false
	SSL = false
	Host = 127.0.0.1
</Listener>
<User samples>
	Nick = heron
	AltNick = heron_
	Ident = heron
	RealName = heron
	LoadModule = log
	<Network samples>
		Server = 127.0.0.1 $port
		<Chan #lighthouse>
		</Chan>
	</Network>
	<Pass password>
		Method = Plain
		Hash = samples
	</Pass>
</User>
CONF
# ZNC waits half a minute before it runs as root: as nobody it starts at once.
as_nobody=(); if [ "$(id -u)" -eq 0 ]; then as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups); chmod 755 "$work"; chown -R 65534:65534 "$work/znc"; fi
"${as_nobody[@]}" env "${clock_env[@]}" znc --foreground --datadir "$work/znc" >"$work/znc.out" 2>&1 &
children+=($!)
for nick in keeper tern heron; do seen ":$nick!"; done

types() { # session text
  tmux -L "$socket" send-keys -t "$1" -l "$2"
  tmux -L "$socket" send-keys -t "$1" Enter
}
types_and_is_heard() {
  local before
  before=$(grep -a -c 'PRIVMSG #lighthouse' "$work/witness.in" || true)
  types "$1" "$2"
  until_true "[ \"\$(grep -a -c 'PRIVMSG #lighthouse' '$work/witness.in')\" -gt $before ]"
}
irssi_says() { types_and_is_heard irssi "$1"; }
weechat_says() { types_and_is_heard weechat "$1"; }
types irssi "/window goto #lighthouse"
types weechat "/buffer #lighthouse"

# --- the story ------------------------------------------------------------------------------------------------------
speaker pip "$port"; raw pip "JOIN #lighthouse"; seen ":pip!"
speaker oriel "$port"; raw oriel "JOIN #lighthouse"; seen ":oriel!"
speaker gannet "$port2"; raw gannet "JOIN #lighthouse"; seen ":gannet!"
speaker dunlin "$port2"; raw dunlin "JOIN #lighthouse"; seen ":dunlin!"
raw witness "MODE #lighthouse +o pip"; raw witness "MODE #lighthouse +v oriel"; settled

say pip "good evening, the lamp is lit"
say oriel "evening pip: how is the fog?"
act gannet "lands on the railing"
say dunlin "the ferry is late again"
irssi_says "keeper here, logging with irssi"; sent "" keeper "keeper here, logging with irssi"
weechat_says "tern here, logging with weechat"; sent "" tern "tern here, logging with weechat"
irssi_says "/me sweeps the stairs"; sent "" keeper "sweeps the stairs"
weechat_says "/me circles the tower"; sent "" tern "circles the tower"
say oriel "prijs van de soep: €4,50, lekker! ☕"
say gannet "привет, как море сегодня?"
say dunlin "magandang gabi sa lahat"
say pip "un café s'il vous plaît" "un caf\xe9 s'il vous pla\xeet"
say oriel "<pip> this is how a pasted line looks"
say gannet "12:34 -!- this is not an event either"
say dunlin "  two spaces before"
say pip "back\\\\slash, \\\"quotes\\\" and a tab:\\tend" 'back\\slash, "quotes" and a tab:\tend'
raw pip "TOPIC #lighthouse :fog until noon"; settled
raw dunlin "NICK sandpiper"; seen "NICK :sandpiper"; fd[sandpiper]=${fd[dunlin]}
say sandpiper "same bird, other name"
printf 'PRIVMSG keeper :a private word about the soup\r\n' >&"${fd[oriel]}"; sent oriel oriel "a private word about the soup"
until_true "[ -e '$work/irssi/logs/samples/oriel.log' ]"
raw oriel "PART #lighthouse :home for tea"; seen " PART "
set_clock "2026-11-02 23:59:30"
say pip "almost midnight"
set_clock "2026-11-03 00:00:20"
sleep 3
say pip "a new day"
say gannet "and still fog"

# A split: the second server goes away, and everyone on it.
kill "$second"
until_true "grep -a -q 'gannet.* QUIT' '$work/witness.in'"
say pip "half the room is gone"
set_clock "2026-11-03 08:15:00"
speaker oriel2 "$port"; raw oriel2 "JOIN #lighthouse"; seen ":oriel2!"
say oriel2 "good morning, the fog is gone"
raw witness "KICK #lighthouse oriel2 :only a drill"; seen " KICK "
irssi_says "closing the log now"; sent "" keeper "closing the log now"
settled
raw pip "QUIT :so long"
until_true "grep -a -q 'pip.* QUIT' '$work/witness.in'"

# --- closing: each client ends its own log --------------------------------------------------------------------------
types irssi "/quit"
types weechat "/quit"
until_true "! tmux -L '$socket' has-session -t irssi 2>/dev/null && ! tmux -L '$socket' has-session -t weechat 2>/dev/null"
rm -rf "$target"/irssi/* "$target"/weechat/* "$target"/znc/*
cp "$work"/irssi/logs/samples/*.log "$target/irssi/"
cp "$work"/weechat/logs/*lighthouse* "$target/weechat/"
cp "$work"/znc/users/samples/moddata/log/samples/*lighthouse/*.log "$target/znc/" 2>/dev/null ||
  find "$work/znc" -name '*.log' -path '*lighthouse*' -exec cp {} "$target/znc/" \;
{ echo '{"format":"custos-transcript/1"}'; cat "$work/sent"; } >"$target/sent.jsonl"
chmod 644 "$target"/*/*.* "$target/sent.jsonl"
ls -l "$target"/*
