package io.nioring.internal.datagram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class DatagramNamesTest {
  private static final MulticastSending PLAIN = new MulticastSending(null, true);

  private final DatagramNames names = new DatagramNames();

  private static DatagramBinding name(String host, int port) {
    return DatagramBinding.of(
        new DatagramInbox(100_000), new InetSocketAddress(host, port), false, false, false);
  }

  private boolean send(DatagramBinding from, String host, int port) {
    return names.target(from, new InetSocketAddress(host, port), PLAIN).send(new byte[1]);
  }

  @Test
  void aNameIsFreeWhenItIsReleased() throws SocketException {
    DatagramBinding first = names.bind(name("10.1.2.3", 53));
    assertThatThrownBy(() -> names.bind(name("10.1.2.3", 53))).isInstanceOf(BindException.class);
    assertThatThrownBy(() -> names.bind(name("0.0.0.0", 53))).isInstanceOf(BindException.class);
    names.bind(name("10.1.2.4", 53));
    assertThat(names.size()).isEqualTo(2);
    names.release(first);
    names.release(first);
    assertThat(names.size()).isEqualTo(1);
    names.bind(name("10.1.2.3", 53));
  }

  @Test
  void aKeptTargetFollowsTheNames() throws SocketException {
    DatagramBinding sender = names.bind(name("10.1.2.3", 0));
    DatagramTarget target = names.target(sender, new InetSocketAddress("10.1.2.4", 53), PLAIN);
    assertThat(target.send(new byte[1])).isFalse();
    DatagramBinding first = names.bind(name("10.1.2.4", 53));
    assertThat(target.send(new byte[1])).isTrue();
    assertThat(first.inbox().take()).isNotNull();
    names.release(first);
    assertThat(target.send(new byte[1])).isFalse();
    DatagramBinding second = names.bind(name("10.1.2.4", 53));
    assertThat(target.send(new byte[1])).isTrue();
    assertThat(first.inbox().take()).isNull();
    assertThat(second.inbox().take()).isNotNull();
  }

  /** A lookup may find a port right before its last socket is closed. */
  @Test
  void aTargetThatMetTheEndOfAPortFindsItsNextSocket() throws SocketException {
    Deque<DatagramBinding> closing = new ArrayDeque<>();
    DatagramNames changing =
        new DatagramNames() {
          @Override
          DatagramPort port(int number) {
            DatagramPort found = super.port(number);
            if (!closing.isEmpty()) {
              release(closing.remove());
            }
            return found;
          }
        };
    InetSocketAddress address = new InetSocketAddress("10.1.2.4", 53);
    DatagramBinding sender = changing.bind(name("10.1.2.3", 0));
    DatagramTarget target = changing.target(sender, address, PLAIN);
    closing.add(changing.bind(name("10.1.2.4", 53)));
    assertThat(target.send(new byte[1])).isFalse();

    DatagramBinding next = changing.bind(name("10.1.2.4", 53));

    assertThat(target.send(new byte[1])).isTrue();
    assertThat(next.inbox().take()).isNotNull();
  }

  @Test
  void aConnectedSocketComesBeforeAnotherOfItsAddressForItsPeerAlone() throws SocketException {
    DatagramBinding peer = names.bind(name("10.1.2.4", 9));
    DatagramBinding other = names.bind(name("10.1.2.4", 10));
    InetSocketAddress address = new InetSocketAddress("10.1.2.3", 53);
    DatagramBinding connected =
        names.bind(DatagramBinding.of(new DatagramInbox(100_000), address, false, true, false));
    names.replace(connected, connected.connectedTo(peer.address(), address));
    DatagramBinding open =
        names.bind(DatagramBinding.of(new DatagramInbox(100_000), address, false, true, false));

    send(peer, "10.1.2.3", 53);
    send(other, "10.1.2.3", 53);

    assertThat(connected.inbox().take().source()).isEqualTo(peer.address());
    assertThat(connected.inbox().take()).isNull();
    assertThat(open.inbox().take().source()).isEqualTo(other.address());
  }

  @Test
  void aWildcardStandsForTheMachinesAddressesAlone() throws SocketException {
    DatagramBinding wildcard = names.bind(name("0.0.0.0", 53));
    DatagramBinding sender = names.bind(name("127.0.0.1", 0));
    assertThat(send(sender, "127.0.0.1", 53)).isTrue();
    assertThat(send(sender, "203.0.113.7", 53)).isFalse();
    assertThat(wildcard.inbox().take()).isNotNull();
  }

  @Test
  void packetsWithoutBytesFillAnInboxToo() {
    DatagramInbox inbox = new DatagramInbox(10 * DatagramInbox.PACKET_OVERHEAD_BYTES);
    for (int i = 0; i < 100; i++) {
      inbox.offer(new Datagram(new InetSocketAddress(1), new byte[0]));
    }
    int taken = 0;
    while (inbox.take() != null) {
      taken++;
    }
    assertThat(taken).isEqualTo(11); // as in the kernel, the last one may exceed the bound
    inbox.offer(new Datagram(new InetSocketAddress(1), new byte[0]));
    assertThat(inbox.take()).isNotNull();
  }
}
