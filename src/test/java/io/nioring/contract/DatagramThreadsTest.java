package io.nioring.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.contract.DatagramTraffic.Receiver;
import io.nioring.testkit.Background;
import io.nioring.testkit.Deadline;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random operations of several threads on the same datagram channels, on the kernel and on rings.
 * Each episode has three parts:
 *
 * <ol>
 *   <li>Senders keep few packets on their way while another thread does what must not lose any: all
 *       arrive, whole and in order, by each way to receive.
 *   <li>The other thread connects and disconnects the receivers, which may lose packets but must
 *       repeat or tear none; afterwards a packet arrives at each.
 *   <li>It closes the receivers while packets come: all who wait for them end.
 * </ol>
 *
 * <p>{@code test.datagramThreads.episodes} is the number of episodes. {@code -Dtest.seed} repeats
 * the operations of one, not the order in which threads come to them.
 */
@Tag("stress")
class DatagramThreadsTest {
  private static final long SEED = Long.getLong("test.seed", 1L);
  private static final int EPISODES = Rounds.of("test.datagramThreads.episodes", 12, 3_000);
  private static final int SENDERS = 3;
  private static final int RECEIVERS = 4;
  private static final int PACKETS = 150;

  private static final long PAUSE_NANOS = 10_000;

  /** So few that the buffers take them all. */
  private static final int PACKETS_THAT_MAY_BE_LOST = 40;

  @ParameterizedTest
  @EnumSource(names = {"PLATFORM_INET4", "RING_INET4"})
  @Timeout(1_800)
  void nothingIsLostOrLate(TransportKind kind) throws Exception {
    for (int i = 0; i < EPISODES; i++) {
      long seed = SEED + i;
      try (TestTransport transport = TestTransport.open(kind)) {
        new Episode(transport, seed).run();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("in the episode of -Dtest.seed=" + seed, e);
      }
    }
  }

  /** One run on fresh channels. */
  private static final class Episode {
    private final TestTransport transport;
    private final Random random;
    private final Selector selector;
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<DatagramChannel> senders = new ArrayList<>();

    /** Those who receive. */
    private final List<Background<String>> receiving = new ArrayList<>();

    private final NetworkInterface loopback;

    /** The numbers that the senders gave before. */
    private int numbered;

    private volatile boolean sending;

    Episode(TestTransport transport, long seed) throws IOException {
      this.transport = transport;
      this.random = new Random(seed);
      this.selector = transport.openSelector();
      this.loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
      for (int i = 0; i < SENDERS; i++) {
        senders.add(transport.bindDatagram());
      }
      for (int i = 0; i < RECEIVERS; i++) {
        receivers.add(new Receiver(transport.bindDatagram()));
      }
    }

    void run() throws Exception {
      startReceiving();
      part(this::sendCarefully, this::disturbGently);
      Deadline.await(
          "all packets: " + receivers,
          () -> receivers.stream().mapToInt(Receiver::received).sum() == SENDERS * PACKETS);
      part(this::sendCarelessly, this::connectAndDisconnect);
      probe();
      part(this::sendCarelessly, this::closeSomeReceivers);
      closeReceivers();
      for (Background<String> each : receiving) {
        each.result();
      }
    }

    /** One by the channel, one by its socket, the others by a selector. */
    private void startReceiving() throws IOException {
      receiving.add(transport.background(receivers.get(0)::receiveAll));
      receiving.add(transport.background(receivers.get(1)::receiveAllBySocket));
      for (Receiver each : selected()) {
        each.channel().configureBlocking(false);
        each.channel().register(selector, SelectionKey.OP_READ, each);
      }
      receiving.add(transport.background(() -> DatagramTraffic.selectAll(selector, selected())));
    }

    private List<Receiver> selected() {
      return receivers.subList(2, RECEIVERS);
    }

    // -- senders

    /** What a sender does. */
    @FunctionalInterface
    private interface Sender {
      void send(int number, Random random) throws Exception;
    }

    /** Lets the senders send, and meanwhile another thread do something again and again. */
    private void part(Sender sender, Disturbance disturbance) throws Exception {
      sending = true;
      List<Background<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        int number = i;
        Random own = new Random(random.nextLong());
        tasks.add(transport.background(returningNull(() -> sender.send(number, own))));
      }
      Random own = new Random(random.nextLong());
      Background<Void> other = transport.background(returningNull(() -> disturb(disturbance, own)));
      tasks.forEach(Background::result);
      sending = false;
      other.result();
    }

    private void disturb(Disturbance disturbance, Random own) throws IOException {
      do {
        disturbance.disturb(own);
        LockSupport.parkNanos(PAUSE_NANOS);
      } while (sending);
    }

    private void sendCarefully(int sender, Random own) throws Exception {
      for (int i = 0; i < PACKETS; i++) {
        Receiver to = receivers.get(own.nextInt(RECEIVERS));
        to.awaitRoom();
        send(sender, to, packet(sender, i, own), own);
      }
    }

    private void send(int sender, Receiver to, ByteBuffer packet, Random own) throws IOException {
      DatagramChannel channel = senders.get(sender);
      int bytes = packet.remaining();
      switch (own.nextInt(3)) {
        case 0 -> {
          channel.connect(to.address());
          assertThat(channel.write(packet)).isEqualTo(bytes);
          channel.disconnect();
        }
        case 1 -> {
          channel.connect(to.address());
          ByteBuffer header = packet.slice(0, DatagramTraffic.HEADER_BYTES);
          ByteBuffer rest = packet.position(DatagramTraffic.HEADER_BYTES).slice();
          assertThat(channel.write(new ByteBuffer[] {header, rest})).isEqualTo(bytes);
          channel.disconnect();
        }
        default -> assertThat(channel.send(packet, to.address())).isEqualTo(bytes);
      }
    }

    private static ByteBuffer packet(int sender, int number, Random own) {
      int bytes =
          DatagramTraffic.HEADER_BYTES
              + own.nextInt(DatagramTraffic.MOST_BYTES - DatagramTraffic.HEADER_BYTES);
      return DatagramTraffic.packet(sender, number, bytes);
    }

    private void sendCarelessly(int sender, Random own) throws IOException {
      int first = PACKETS + numbered;
      DatagramChannel channel = senders.get(sender);
      for (int i = 0; i < PACKETS_THAT_MAY_BE_LOST; i++) {
        Receiver to = receivers.get(own.nextInt(RECEIVERS));
        try {
          send(sender, to, packet(sender, first + i, own), own);
        } catch (PortUnreachableException e) {
          channel.disconnect(); // a receiver that is closed, or has another peer
        }
        if (own.nextInt(4) == 0) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }

    /** After those that may have been lost, one packet that may not be. */
    private void probe() throws IOException {
      numbered += PACKETS_THAT_MAY_BE_LOST;
      try (DatagramChannel fresh = transport.bindDatagram()) {
        for (Receiver each : receivers) {
          if (each.channel().isConnected()) {
            each.connectOrDisconnect(null);
          }
          int before = each.received();
          fresh.send(packet(SENDERS, 0, random), each.address());
          Deadline.await("a packet to " + each, () -> each.received() > before);
        }
      }
    }

    // -- the other thread

    /** Something that another thread does meanwhile. */
    @FunctionalInterface
    private interface Disturbance {
      void disturb(Random random) throws IOException;
    }

    /** What must not lose a packet. */
    private void disturbGently(Random own) throws IOException {
      Receiver receiver = receivers.get(own.nextInt(RECEIVERS));
      switch (own.nextInt(6)) {
        case 0 -> selector.wakeup();
        case 1 -> {
          SelectionKey key = selected().get(own.nextInt(2)).channel().keyFor(selector);
          key.interestOps(0);
          key.interestOps(SelectionKey.OP_READ);
          selector.wakeup(); // the platform looks at the interest before it waits
        }
        case 2 -> {
          MembershipKey key =
              receiver.channel().join(InetAddress.getByName("239.1.2.91"), loopback);
          key.drop();
        }
        case 3 ->
            receiver.channel().setOption(StandardSocketOptions.SO_BROADCAST, own.nextBoolean());
        case 4 -> {
          try (DatagramChannel stranger = transport.bindDatagram()) {
            Receiver nobody = new Receiver(stranger);
            stranger.configureBlocking(false).register(selector, SelectionKey.OP_WRITE, nobody);
          }
        }
        default -> assertThat(receiver.channel().getLocalAddress()).isEqualTo(receiver.address());
      }
    }

    /** Of those that a selector waits for: a receiver that waits keeps others from connecting. */
    private void connectAndDisconnect(Random own) throws IOException {
      Receiver receiver = selected().get(own.nextInt(2));
      receiver.connectOrDisconnect(senders.get(own.nextInt(SENDERS)).getLocalAddress());
    }

    private void closeSomeReceivers(Random own) throws IOException {
      if (own.nextInt(8) == 0) {
        receivers.get(own.nextInt(RECEIVERS)).channel().close();
      }
    }

    private void closeReceivers() throws IOException {
      for (Receiver each : receivers) {
        each.channel().close();
      }
      selector.wakeup(); // which a close does not
    }

    private static Callable<Void> returningNull(Body body) {
      return () -> {
        body.run();
        return null;
      };
    }

    /** What a task does. */
    @FunctionalInterface
    private interface Body {
      void run() throws Exception;
    }
  }
}
