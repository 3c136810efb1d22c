package io.nioring.consumer.pitfalls;

import io.nioring.consumer.TemporaryDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;

/** The families of addresses that connections are tried over. */
enum Family {
  INET(StandardProtocolFamily.INET),
  UNIX(StandardProtocolFamily.UNIX);

  final StandardProtocolFamily protocol;

  Family(StandardProtocolFamily protocol) {
    this.protocol = protocol;
  }

  SocketAddress freeAddress() throws IOException {
    return this == INET
        ? new InetSocketAddress("127.0.0.1", 0)
        : UnixDomainSocketAddress.of(TemporaryDirectory.make().resolve("socket"));
  }
}
