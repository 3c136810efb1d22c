#!/bin/sh
# Reads captures with tcpflow and tshark, which are not ours: readers.sh DIR
#
# DIR has what CaptureTest leaves there:
#   mvn -B test -Dtest=CaptureTest -Dtest.capture.kept=DIR -Dtest.capture.connections=10000 \
#     -Dtest.capture.mebibytes=3500
# tcpflow puts every stream together, which has to be what was sent. tshark checks all checksums and
# analyses all connections, as TCP alone, since what they carry is random: what it warns of has to be the
# resets that the test makes.
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

tcpflow -q -a -S enable_report=NO -r random.pcapng -o "$work/streams" -T '%A.%a-%B.%b' 2> "$work/errors"
(cd "$work/streams" && find . -name '*-*' -exec sha256sum {} +) \
  | sed 's,^\([0-9a-f]*\)  \./\(.*\)$,\2 \1,; s/fd00:6e69:6f72:[0-9a-f:]*/unix/g' | sort > "$work/sums"
sort random.sums > "$work/expected"
cmp "$work/expected" "$work/sums"
echo "tcpflow: $(wc -l < "$work/sums") streams, all as they were sent"

wrong=$(tshark -r random.pcapng -d tcp.port==1-65535,data -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
  -Y 'ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed' 2> /dev/null | wc -l)
echo "tshark: $wrong packets with a wrong checksum or malformed"
tshark -r random.pcapng -d tcp.port==1-65535,data -q -z expert,warn 2> /dev/null
resets=$(tshark -r random.pcapng -d tcp.port==1-65535,data -Y 'tcp.flags.reset == 1' 2> /dev/null | wc -l)
others=$(tshark -r random.pcapng -d tcp.port==1-65535,data -Y '_ws.expert.severity >= "Warning" && tcp.flags.reset == 0' 2> /dev/null | wc -l)
echo "tshark: $resets resets; $others packets with another warning"
[ "$wrong" = 0 ] && [ "$others" = 0 ]

if [ -e long.sums ]; then
  tcpflow -q -a -S enable_report=NO -r long.pcapng -o "$work/long" -T '%A.%a-%B.%b' 2> "$work/errors"
  find "$work/long" -name '*-*.00080' -exec sha256sum {} + | cut -d ' ' -f 1 | cmp - long.sums
  echo "tcpflow: $(find "$work/long" -name '*-*.00080' -printf %s) bytes of one stream, as they were sent"
fi
