package io.nioring.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.contract.DatagramSocketOperations;
import io.nioring.contract.OutcomeTable;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a plain datagram socket of a network answers to bad arguments and in the wrong state, beside
 * the platform's. What the program has is the JDK's older socket around ours: it checks by itself,
 * in its own words, so that only the class of an exception is compared.
 */
class DatagramSocketExceptionsTest {
  private static final Set<String> DIFFERENT =
      Set.of("bind to a path", "connect to a path", "join a host unknown");

  /** Where the JDK's older socket looks first whether it is closed, or last. */
  private static final Set<String> DIFFERENT_WHEN_CLOSED =
      Set.of(
          "bind to a path",
          "class -1",
          "class 256",
          "connect to a path",
          "get of streams",
          "join a host unknown",
          "join a path",
          "join null",
          "leave null",
          "set to null");

  /** The state of a socket before the operation. */
  enum State {
    OPEN,
    BOUND,
    CONNECTED,
    CLOSED
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(180)
  void socketsFailAsThePlatforms(State state) throws Exception {
    Map<String, String> expected = outcomes(state, () -> new DatagramSocket(null));
    try (RingNetwork network = RingNetwork.open()) {
      Map<String, String> actual = outcomes(state, () -> PlainDatagramSockets.open(network));

      Map<String, String> different = OutcomeTable.differences(expected, actual);

      assertThat(different)
          .containsOnlyKeys(state == State.CLOSED ? DIFFERENT_WHEN_CLOSED : DIFFERENT);
    }
  }

  private static Map<String, String> outcomes(
      State state, OutcomeTable.Opener<DatagramSocket> opener) throws Exception {
    try (DatagramSocket peer = bound(opener)) {
      Map<String, String> outcomes =
          DatagramSocketOperations.table()
              .outcomes(
                  () -> inState(opener, state, (InetSocketAddress) peer.getLocalSocketAddress()));
      outcomes.replaceAll((name, outcome) -> withoutMessage(outcome));
      return outcomes;
    }
  }

  private static String withoutMessage(String outcome) {
    int colon = outcome.indexOf(':');
    return colon < 0 ? outcome : outcome.substring(0, colon);
  }

  private static DatagramSocket bound(OutcomeTable.Opener<DatagramSocket> opener) throws Exception {
    DatagramSocket socket = opener.open();
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return socket;
  }

  private static DatagramSocket inState(
      OutcomeTable.Opener<DatagramSocket> opener, State state, InetSocketAddress peer)
      throws Exception {
    DatagramSocket socket = state == State.OPEN ? opener.open() : bound(opener);
    if (state == State.CONNECTED) {
      socket.connect(peer);
    } else if (state == State.CLOSED) {
      socket.close();
    }
    return socket;
  }
}
