package io.nioring.internal.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.internal.address.ClientAddress;
import io.nioring.internal.address.EphemeralPorts;
import io.nioring.internal.address.Interfaces;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.testkit.Background;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings({
  "AddressSelection",
  "IdentityHashMapUsage"
}) // literals, not names; listeners are compared by identity
class InetNamesTest {
  private static final int PORT = 8080;
  private static final long WAIT_SECONDS = 60;

  private final InetNames names = new InetNames(Interfaces.OF_MACHINE);
  private final MemoryPool pool = new MemoryPool(false);

  private static InetSocketAddress address(String ip) {
    return address(ip, PORT);
  }

  private static InetSocketAddress address(String ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(ip), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(ip, e);
    }
  }

  private static BindOptions server(boolean dualStack, boolean reusePort) {
    return new BindOptions(true, false, dualStack, false, reusePort);
  }

  private Binding bind(String ip) throws BindException {
    return names.bind(address(ip), server(false, false));
  }

  private Listener listen(String ip, boolean dualStack, boolean reusePort) throws BindException {
    return listen(names.bind(address(ip), server(dualStack, reusePort)));
  }

  private Listener listen(Binding binding) {
    Listener listener = new Listener(new Wire(pool, 1_000, Clock.SYSTEM), null, () -> {});
    binding.listen(listener);
    return listener;
  }

  private void assertInUse(String ip, boolean dualStack, boolean reusePort) {
    assertThatThrownBy(() -> names.bind(address(ip), server(dualStack, reusePort)))
        .isInstanceOf(BindException.class)
        .hasMessageStartingWith("Address already in use");
  }

  /** As when there was no memory for the list of the others. */
  @Test
  void anAddressIsFreeOnceReleasedThoughItStaysInTheList() throws BindException {
    Binding first = bind("10.1.2.3");
    Listener other = listen("10.1.2.4", false, false);
    listen(first);
    ((InetBinding) first).markReleased();

    assertThat(names.lookup(address("10.1.2.3"), false)).isNull();
    assertThat(names.listeners()).isEqualTo(1);
    Listener second = listen("10.1.2.3", false, false);
    first.release();
    assertThat(names.lookup(address("10.1.2.3"), false)).isSameAs(second);
    assertThat(names.lookup(address("10.1.2.4"), false)).isSameAs(other);
  }

  @Test
  void aRefusedBindLeavesNothing() throws BindException {
    InetSocketAddress client = clientOf(address("127.0.0.1").getAddress());
    InetSocketAddress wildcard = address("0.0.0.0", client.getPort());
    assertThatThrownBy(() -> names.bind(wildcard, server(false, false)))
        .isInstanceOf(BindException.class);
    assertThat(names.lookup(client, false)).isNull();
    names.giveClientAddress(client);
    names.bind(wildcard, server(false, false)).release();
    names.bind(wildcard, server(false, false)).release();
  }

  @Test
  void portThatCouldNotBeBoundIsLeftToClients() throws BindException {
    InetSocketAddress client = clientOf(address("127.0.0.1").getAddress());
    assertThatThrownBy(() -> names.bind(client, server(false, false)))
        .isInstanceOf(BindException.class);
    names.giveClientAddress(client);

    names.bind(client, server(false, false)).release();

    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < EphemeralPorts.COUNT; i++) {
      ports.add(clientOf(client.getAddress()).getPort());
    }
    assertThat(ports).hasSize(EphemeralPorts.COUNT);
  }

  // -- binding and releasing

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, true",
    "127.9.9.9, true",
    "::1, true",
    "240.0.0.1, false",
    "2001:db8::1, false"
  })
  void knowsTheAddressesOfThisMachine(String ip, boolean local) {
    assertThat(Interfaces.OF_MACHINE.isLocal(address(ip).getAddress())).isEqualTo(local);
  }

  @Test
  void boundAddressIsConnectableOnceItListens() throws BindException {
    assertThat(names.lookup(address("10.1.2.3"), false)).isNull();

    Binding binding = bind("10.1.2.3");
    assertThat(binding.address()).isEqualTo(address("10.1.2.3"));
    assertThat(names.lookup(address("10.1.2.3"), false)).isNull();
    assertThat(names.listeners()).isZero();

    Listener listener = listen(binding);
    assertThat(names.lookup(address("10.1.2.3"), false)).isSameAs(listener);
    assertThat(names.lookup(address("10.1.2.3", PORT + 1), false)).isNull();
    assertThat(names.lookup(address("10.1.2.4"), false)).isNull();
    assertThat(names.listeners()).isEqualTo(1);
  }

  @Test
  void releasedAddressIsFree() throws BindException {
    Binding binding = bind("10.1.2.3");
    listen(binding);
    binding.release();
    binding.release();

    assertThat(names.lookup(address("10.1.2.3"), false)).isNull();
    assertThat(names.listeners()).isZero();
    Listener next = listen(bind("10.1.2.3"));
    binding.release();
    assertThat(names.lookup(address("10.1.2.3"), false)).isSameAs(next);
  }

  @Test
  void addressGivenToBindComesBackWithoutItsName() throws Exception {
    InetAddress named = InetAddress.getByAddress("somewhere", new byte[] {10, 1, 2, 3});
    Binding binding = names.bind(new InetSocketAddress(named, 0), server(false, false));

    assertThat(((InetSocketAddress) binding.address()).getHostString()).isEqualTo("10.1.2.3");
  }

  @Test
  void ipv6AddressGivenToBindKeepsItsScope() throws Exception {
    byte[] linkLocal = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    for (int scope : new int[] {-1, 3}) {
      InetAddress named = Inet6Address.getByAddress("somewhere", linkLocal, scope);
      Binding binding = names.bind(new InetSocketAddress(named, 0), server(false, false));

      InetAddress bound = ((InetSocketAddress) binding.address()).getAddress();
      assertThat(bound.getHostAddress()).isEqualTo(named.getHostAddress());
      assertThat(((Inet6Address) bound).getScopeId()).isEqualTo(Math.max(0, scope));
    }
  }

  @Test
  void portZeroChoosesFreePortsInTheEphemeralRange() throws BindException {
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      Binding binding = names.bind(address("127.0.0.1", 0), server(true, false));
      int port = ((InetSocketAddress) binding.address()).getPort();
      assertThat(port).isBetween(32768, 60999);
      assertThat(ports.add(port)).isTrue();
    }
  }

  @Test
  void portZeroAvoidsPortsOfClientsAndOfOtherAddresses() throws Exception {
    Set<Integer> taken = new HashSet<>();
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    for (int i = 0; i < 1_000; i++) {
      taken.add(clientOf(loopback).getPort());
      taken.add(
          ((InetSocketAddress) names.bind(address("10.0.0.1", 0), server(false, false)).address())
              .getPort());
    }
    assertThat(taken).hasSize(2_000);
  }

  // -- who collides with whom

  @ParameterizedTest
  @CsvSource({
    // equal addresses
    "10.1.2.3, false, 10.1.2.3, false, true",
    "10.1.2.3, false, 10.1.2.4, false, false",
    "127.0.0.1, true, 127.0.0.1, true, true",
    "::1, true, ::1, true, true",
    "::1, true, 127.0.0.1, true, false",
    // a wildcard and an address that it covers
    "0.0.0.0, false, 10.1.2.3, false, true",
    "0.0.0.0, false, 0.0.0.0, false, true",
    "::, true, ::, true, true",
    "::, true, ::1, false, true",
    "::, false, ::1, false, true",
    // the two families
    "::, true, 0.0.0.0, false, true",
    "::, true, 10.1.2.3, false, true",
    "::, false, 0.0.0.0, false, false",
    "::, false, 10.1.2.3, false, false",
    "0.0.0.0, false, ::1, true, false"
  })
  void addressesCollideIfOneCanMeanTheOther(
      String one, boolean oneDual, String other, boolean otherDual, boolean collide)
      throws BindException {
    assertCollision(one, oneDual, other, otherDual, collide);
    assertCollision(other, otherDual, one, oneDual, collide);
  }

  private static void assertCollision(
      String first, boolean firstDual, String second, boolean secondDual, boolean collide)
      throws BindException {
    InetNames fresh = new InetNames(Interfaces.OF_MACHINE);
    fresh.bind(address(first), server(firstDual, false));
    fresh.bind(address(second, PORT + 1), server(secondDual, false));
    if (collide) {
      assertThatThrownBy(() -> fresh.bind(address(second), server(secondDual, false)))
          .isInstanceOf(BindException.class)
          .hasMessage("Address already in use");
    } else {
      fresh.bind(address(second), server(secondDual, false));
    }
  }

  @Test
  void portIsSharedOnlyIfBothSidesReuseIt() throws BindException {
    names.bind(address("10.1.2.3"), server(false, true));
    names.bind(address("10.1.2.3"), server(false, true));
    assertInUse("10.1.2.3", false, false);

    names.bind(address("10.1.2.4"), server(false, false));
    assertInUse("10.1.2.4", false, true);
  }

  // -- who answers

  @Test
  void wildcardAnswersOnlyForLocalAddressesOfItsFamily() throws BindException {
    Listener any4 = listen("0.0.0.0", false, false);
    Listener any6 = listen("::", false, false);

    assertThat(names.lookup(address("127.0.0.1"), false)).isSameAs(any4);
    assertThat(names.lookup(address("127.1.2.3"), false)).isSameAs(any4);
    assertThat(names.lookup(address("::1"), false)).isSameAs(any6);
    assertThat(names.lookup(address("240.0.0.77"), false)).isNull();
    assertThat(names.lookup(address("2001:db8::77"), false)).isNull();
  }

  @Test
  void dualStackWildcardAnswersForBothFamilies() throws BindException {
    Listener any = listen("::", true, false);

    assertThat(names.lookup(address("127.0.0.1"), false)).isSameAs(any);
    assertThat(names.lookup(address("::1"), false)).isSameAs(any);
    assertThat(names.lookup(address("240.0.0.77"), false)).isNull();
  }

  @Test
  void wildcardAnswersForTheAddressesOfThisMachine() throws Exception {
    Listener any = listen("::", true, false);
    InetAddress own =
        java.net.NetworkInterface.networkInterfaces()
            .flatMap(java.net.NetworkInterface::inetAddresses)
            .filter(ip -> !ip.isLoopbackAddress())
            .findFirst()
            .orElse(InetAddress.getLoopbackAddress());

    assertThat(names.lookup(new InetSocketAddress(own, PORT), false)).isSameAs(any);
  }

  @Test
  void exactAddressGoesBeforeAWildcardThatSharesThePort() throws BindException {
    Listener any = listen("0.0.0.0", false, true);
    Listener exact = listen("127.0.0.1", false, true);

    assertThat(names.lookup(address("127.0.0.1"), false)).isSameAs(exact);
    assertThat(names.lookup(address("127.0.0.2"), false)).isSameAs(any);
  }

  @Test
  void boundClientDoesNotHideAWildcardListener() throws BindException {
    names.bind(address("127.0.0.1"), server(false, true));
    Listener any = listen("0.0.0.0", false, true);

    assertThat(names.lookup(address("127.0.0.1"), false)).isSameAs(any);
  }

  @Test
  void listenersThatShareAnAddressTakeTurns() throws BindException {
    List<Listener> listeners = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      listeners.add(listen("10.1.2.3", false, true));
    }
    assertThat(names.listeners()).isEqualTo(3);

    Map<Listener, Integer> chosen = new IdentityHashMap<>();
    for (int i = 0; i < 30; i++) {
      chosen.merge(names.lookup(address("10.1.2.3"), false), 1, Integer::sum);
    }
    assertThat(chosen).containsOnlyKeys(listeners);
    assertThat(chosen.values()).containsOnly(10);
  }

  // -- clients

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1",
    "127.5.5.5, 127.0.0.1",
    "10.1.2.3, 10.1.2.3",
    "::1, ::1",
    "2001:db8::1, 2001:db8::1"
  })
  void clientsConnectFromTheAddressThatRoutingWouldChoose(String destination, String source)
      throws Exception {
    InetSocketAddress client = clientOf(InetAddress.getByName(destination));

    assertThat(client.getAddress()).isEqualTo(InetAddress.getByName(source));
    assertThat(client.getPort()).isBetween(32768, 60999);
  }

  @Test
  void portGivenBackCanBeBoundAgain() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    List<InetSocketAddress> clients = new ArrayList<>();
    for (int i = 0; i < EphemeralPorts.COUNT; i++) {
      clients.add(clientOf(loopback));
    }
    assertThatThrownBy(() -> names.bind(address("127.0.0.1", 0), server(false, false)))
        .isInstanceOf(BindException.class)
        .hasMessageStartingWith("Address already in use");

    InetSocketAddress free = clients.get(777);
    names.giveClientAddress(free);
    assertThat(names.bind(address("127.0.0.1", 0), server(false, false)).address()).isEqualTo(free);
  }

  /** A simulated cluster may have more servers than the range has ports. */
  @Test
  void clientsConnectAlsoWhenEveryPortOfTheRangeIsBound() throws Exception {
    for (int i = 0; i < EphemeralPorts.COUNT; i++) {
      names.bind(address("10.0.0.1", 0), server(false, false));
    }
    InetAddress destination = InetAddress.getByName("10.0.0.1");
    Background<InetSocketAddress> taking = Background.run(() -> clientOf(destination));

    assertThat(taking.get(WAIT_SECONDS, TimeUnit.SECONDS).getPort()).isBetween(32768, 60999);
  }

  // -- threads

  @Test
  void oneOfManyBindersWins() throws Exception {
    int threads = 4;
    for (int round = 0; round < 200; round++) {
      int port = 1_000 + round;
      List<Background<Binding>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        tasks.add(Background.run(() -> bindOrNull(port)));
      }
      List<Binding> won = new ArrayList<>();
      for (Background<Binding> task : tasks) {
        won.add(task.get(WAIT_SECONDS, TimeUnit.SECONDS));
      }
      assertThat(Collections.frequency(won, null)).isEqualTo(threads - 1);
    }
  }

  private InetSocketAddress clientOf(InetAddress destination) {
    return (InetSocketAddress) ClientAddress.full(names.takeClientAddress(destination));
  }

  private Binding bindOrNull(int port) {
    try {
      return names.bind(address("10.1.2.3", port), server(false, false));
    } catch (BindException e) {
      return null;
    }
  }

  /** More often than there are ports: each is free again for clients and binds. */
  @Test
  void portOfAReleasedNameIsFreeForClients() throws BindException {
    for (int i = 0; i <= EphemeralPorts.COUNT; i++) {
      names.bind(address("127.0.0.1", 0), server(false, false)).release();
    }
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < EphemeralPorts.COUNT; i++) {
      ports.add(clientOf(address("127.0.0.1").getAddress()).getPort());
    }
    assertThat(ports).hasSize(EphemeralPorts.COUNT);
  }
}
