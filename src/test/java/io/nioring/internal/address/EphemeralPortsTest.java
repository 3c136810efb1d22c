package io.nioring.internal.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Background;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EphemeralPortsTest {
  private static final InetAddress CLIENT = ip(127, 0, 0, 1);
  private static final InetAddress OTHER = ip(127, 0, 0, 2);
  private static final InetAddress SIX = ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  private static final InetAddress ANY4 = ip(0, 0, 0, 0);
  private static final InetAddress ANY6 = ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private static final long WAIT_SECONDS = 60;

  private final EphemeralPorts ports = new EphemeralPorts();

  private static InetAddress ip(int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private List<Integer> take(int count) {
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(ports.take(CLIENT));
    }
    return taken;
  }

  @Test
  void rangeIsThatOfLinux() {
    assertThat(EphemeralPorts.FIRST).isEqualTo(32768);
    assertThat(EphemeralPorts.FIRST + EphemeralPorts.COUNT - 1).isEqualTo(60999);
  }

  @Test
  void everyClientHasAPortOfItsOwnWhileTheRangeLasts() {
    List<Integer> taken = take(EphemeralPorts.COUNT);

    assertThat(new HashSet<>(taken)).hasSize(EphemeralPorts.COUNT);
    assertThat(Collections.min(taken)).isEqualTo(EphemeralPorts.FIRST);
    assertThat(Collections.max(taken)).isEqualTo(60999);
  }

  @Test
  void portsAreSharedWhenTheRangeIsUsedUp() {
    take(EphemeralPorts.COUNT);

    for (int port : take(1_000)) {
      assertThat(port).isBetween(EphemeralPorts.FIRST, 60999);
      assertThat(ports.isFree(port)).isFalse();
    }
  }

  @Test
  void portIsFreeAgainWhenAllItsUsersGaveItBack() {
    List<Integer> all = take(EphemeralPorts.COUNT + 500);
    for (int port : all) {
      assertThat(ports.isFree(port)).isFalse();
      ports.give(port);
    }

    assertThat(all).allMatch(ports::isFree);
    assertThat(new HashSet<>(take(EphemeralPorts.COUNT))).hasSize(EphemeralPorts.COUNT);
  }

  @Test
  void lastFreePortIsFound() {
    List<Integer> all = take(EphemeralPorts.COUNT);
    int free = all.get(12_345);
    ports.give(free);

    assertThat(ports.take(CLIENT)).isEqualTo(free);
  }

  @Test
  void boundPortsAreNotChosen() {
    for (int port = EphemeralPorts.FIRST + 1; port < 61_000; port += 2) {
      assertThat(ports.bind(port, CLIENT, false)).isTrue();
    }

    List<Integer> taken = take(EphemeralPorts.COUNT / 2);

    assertThat(taken).noneMatch(port -> (port & 1) == 1).doesNotHaveDuplicates();
    assertThat(take(10)).noneMatch(port -> (port & 1) == 1);
    ports.unbind(EphemeralPorts.FIRST + 1);
    assertThat(ports.take(CLIENT)).isEqualTo(EphemeralPorts.FIRST + 1);
  }

  @Test
  void portOfAClientCannotBeBoundAtItsAddress() {
    int port = ports.take(CLIENT);

    assertThat(ports.bind(port, CLIENT, false)).isFalse();
    assertThat(ports.bind(port, ANY4, false)).isFalse();
    assertThat(ports.bind(port, ANY6, true)).isFalse();
    assertThat(ports.bind(port, ANY6, false)).isTrue();
    assertThat(ports.bind(port, OTHER, false)).isTrue();
    assertThat(ports.bind(port, SIX, false)).isTrue();

    ports.unbind(port);
    ports.give(port);
    assertThat(ports.isFree(port)).isTrue();
    assertThat(ports.bind(port, CLIENT, false)).isTrue();
  }

  @Test
  void sharedPortOfClientsWithSeveralAddressesCannotBeBoundAtAll() {
    take(EphemeralPorts.COUNT);
    int port = ports.take(SIX);

    assertThat(ports.bind(port, OTHER, false)).isFalse();
    ports.give(port);
    ports.give(port);
    assertThat(ports.bind(port, OTHER, false)).isTrue();
  }

  @Test
  void portsOutsideTheRangeAreIgnored() {
    assertThat(ports.bind(80, CLIENT, false)).isTrue();
    assertThat(ports.bind(65_535, CLIENT, false)).isTrue();
    ports.unbind(80);
  }

  /** With every port of the range bound there is none to leave alone; a client still gets one. */
  @Test
  void clientsGetAPortAlsoWhenTheWholeRangeIsBound() throws Exception {
    for (int port = EphemeralPorts.FIRST; port < 61_000; port++) {
      assertThat(ports.bind(port, CLIENT, false)).isTrue();
    }
    Background<Integer> taking = Background.run(() -> ports.take(CLIENT));

    assertThat(taking.get(WAIT_SECONDS, TimeUnit.SECONDS)).isBetween(EphemeralPorts.FIRST, 60999);
  }

  @Test
  void nextGoesRound() {
    int first = ports.next();
    for (int i = 1; i < EphemeralPorts.COUNT; i++) {
      assertThat(ports.next()).isNotEqualTo(first);
    }
    assertThat(ports.next()).isEqualTo(first);
  }

  @Test
  void threadsNeverShareAPortWhileThereAreFreeOnes() throws Exception {
    Set<Integer> inUse = Collections.synchronizedSet(new HashSet<>());
    List<Background<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Background<Void> task =
          Background.run(
              () -> {
                for (int round = 0; round < 30_000; round++) {
                  int port = ports.take(CLIENT);
                  assertThat(inUse.add(port)).isTrue();
                  inUse.remove(port);
                  ports.give(port);
                }
                return null;
              });
      tasks.add(task);
    }
    for (Background<Void> task : tasks) {
      task.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
  }
}
