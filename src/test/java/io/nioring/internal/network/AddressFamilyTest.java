package io.nioring.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;

class AddressFamilyTest {
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};

  private static InetSocketAddress mapped() throws UnknownHostException {
    // This way to make it keeps it an IPv6 address.
    return new InetSocketAddress(Inet6Address.getByAddress(null, MAPPED, -1), 80);
  }

  @Test
  void mappedAddressIsItsIpv4Address() throws UnknownHostException {
    assertThat(AddressFamily.INET.check(mapped()))
        .isEqualTo(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 80));
  }

  @Test
  void otherAddressStaysAsItIs() throws UnknownHostException {
    InetSocketAddress scoped =
        new InetSocketAddress(
            Inet6Address.getByAddress(
                "host", new byte[] {-2, -128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1),
            80);
    assertThat(AddressFamily.INET.check(scoped)).isSameAs(scoped);
  }

  @Test
  void ipv4OnlyChannelTakesNoMappedAddress() throws UnknownHostException {
    InetSocketAddress address = mapped();
    assertThatThrownBy(() -> AddressFamily.INET4.check(address))
        .isInstanceOf(UnsupportedAddressTypeException.class);
  }
}
