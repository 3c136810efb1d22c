#!/bin/sh
# Reads captures with tcpflow and tshark, which are not ours: readers.sh DIR
#
# DIR has random.pcapng and random.sums, which CaptureTest leaves there:
#   mvn -B test -Dtest=CaptureTest -Dnioring.test.captureKept=DIR -Dnioring.test.captureConnections=10000
# tcpflow puts every stream together, which has to be what was sent. tshark checks all checksums and
# analyses all connections: what it warns of has to be the resets that the test makes.
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

tcpflow -q -a -S enable_report=NO -r random.pcapng -o "$work/streams" -T '%A.%a-%B.%b' 2> "$work/errors"
(cd "$work/streams" && sha256sum ./*-*) | sed 's,^\([0-9a-f]*\)  \./\(.*\)$,\2 \1,' \
  | sed 's/^\([0-9a-f:]*\)\.\([0-9]*\)-\([0-9a-f:]*\)\.\([0-9]*\) /\1\2-\3\4 /; s/://g' | sort > "$work/sums"
sort random.sums > "$work/expected"
cmp "$work/expected" "$work/sums"
echo "tcpflow: $(wc -l < "$work/sums") streams, all as they were sent"

wrong=$(tshark -r random.pcapng -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
  -Y 'ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed' 2> /dev/null | wc -l)
echo "tshark: $wrong packets with a wrong checksum or malformed"
tshark -r random.pcapng -q -z expert,warn 2> /dev/null
resets=$(tshark -r random.pcapng -Y 'tcp.flags.reset == 1' 2> /dev/null | wc -l)
others=$(tshark -r random.pcapng -Y '_ws.expert.severity >= "Warning" && tcp.flags.reset == 0' 2> /dev/null | wc -l)
echo "tshark: $resets resets; $others packets with another warning"
[ "$wrong" = 0 ] && [ "$others" = 0 ]
