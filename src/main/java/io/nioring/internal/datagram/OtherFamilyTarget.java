package io.nioring.internal.datagram;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;

/**
 * A target in another address family than the one its sender is bound in: there is no way to it.
 */
final class OtherFamilyTarget extends LocalTarget {
  OtherFamilyTarget(DatagramNames names, InetSocketAddress address, InetSocketAddress source) {
    super(names, address, source);
  }

  @Override
  public void ensureSendable(boolean mayBroadcast) throws SocketException {
    throw new SocketException(
        address().getAddress() instanceof Inet6Address
            ? "Address family not supported by protocol"
            : "Network is unreachable");
  }

  @Override
  public List<DatagramInbox> receivers() {
    return List.of();
  }

  @Override
  public boolean send(byte[] bytes) {
    return false;
  }
}
