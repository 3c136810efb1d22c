#!/bin/sh
# Makes the pictures of the guide from real runs: pictures.sh nioring-all.jar http2.pcapng
#
# The second file is left by the consumer project "protocols" (target/projects/integration-tests/protocols/target).
# JAVA_HOME is a JDK 25 or later, for "jfr view"; tshark is Wireshark's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jar=$(realpath "$1")
http2=$(realpath "$2")
java=${JAVA_HOME:?a JDK 25}/bin/java
work=$(mktemp -d)
draw() { "$java" "$here/Drawing.java" "$@"; }

"$java" -javaagent:"$jar" -Dnioring.mode=ring -Dnioring.jmx=true \
  -XX:StartFlightRecording=filename="$work/orders.jfr",settings=default,dumponexit=true \
  "$here/Orders.java" > /dev/null 2>&1 &
orders=$!
trap 'kill $orders 2> /dev/null || :; rm -r "$work"' EXIT
until "$java" -jar "$jar" ss $orders state established 2> /dev/null | grep -q 5432; do sleep 1; done
sleep 20
# COLUMNS is not known to the page: what is longer than the terminal is cut as a terminal would.
"$java" -jar "$jar" watch $orders -i 1s --pages 2 --lines 24 port = :5432 or port = :6379 \
  | cut -c 1-150 | draw terminal > "$here/watch.svg"
kill $orders
wait $orders || :
trap 'rm -r "$work"' EXIT
"$JAVA_HOME/bin/jfr" view --width 110 socket-writes-by-host "$work/orders.jfr" \
  | draw terminal > "$here/jfr-view.svg"
draw recording "$work/orders.jfr" > "$here/socket-page.svg"

# The server's port is not HTTP's: tshark is told what is spoken there.
port=$(tshark -r "$http2" -c 1 -T fields -e tcp.dstport 2> /dev/null)
{
  echo "\$ tshark -r http2.pcapng -d tcp.port==$port,http2 -Y 'http2 or tcp.flags.syn == 1'"
  tshark -r "$http2" -c 60 -d "tcp.port==$port,http2" -Y 'http2 or tcp.flags.syn == 1' 2> /dev/null \
    | head -n 18 | cut -c 1-150
  echo
  echo "\$ tshark -r http2.pcapng -d tcp.port==$port,http2 -Y 'http2.type == 1' -O http2"
  tshark -r "$http2" -c 60 -d "tcp.port==$port,http2" -Y 'http2.type == 1' -O http2 2> /dev/null \
    | grep -E 'HyperText|Stream: HEADERS|Header: ' | head -n 11 | cut -c 1-150
} | draw terminal > "$here/tshark-http2.svg"
