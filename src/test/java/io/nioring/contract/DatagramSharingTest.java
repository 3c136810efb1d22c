package io.nioring.contract;

import static io.nioring.contract.TransportKind.PLATFORM_INET4;
import static io.nioring.contract.TransportKind.RING_INET4;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The same random operations on datagram channels that share ports and groups, of the kernel and on
 * rings, as {@link DatagramComparisonTest}.
 *
 * <p>With {@code SO_REUSEPORT} the kernel divides packets by a secret, so that an episode with it
 * sends to groups alone. Which of two channels that are connected alike gets a packet depends on
 * the kernel's release: there are none. A channel is closed when it is disconnected if the kernel
 * goes on to remember its peer: one that has received while it was connected is preferred on that
 * processor ({@code SO_INCOMING_CPU}), and a dual-stack one takes IPv6 packets from the former
 * peer's address alone. A connected one keeps {@code SO_BROADCAST}: the kernel asks for it only
 * when it looks for a route, which it does when groups are joined, among other times.
 */
@Tag("stress")
class DatagramSharingTest {
  private static final int EPISODES = Rounds.of("test.comparison.datagramEpisodes", 30, 3_000);
  private static final int OPERATIONS_AN_EPISODE = 150;

  @Test
  @Timeout(600)
  void ringsDoWhatTheKernelDoes() throws IOException {
    LockStep.compare(
        EPISODES,
        PLATFORM_INET4,
        RING_INET4,
        DatagramSharingWorld::new,
        (worlds, seed) -> new Episode(worlds, seed).run());
  }

  /** One run on fresh channels. */
  private static final class Episode {
    private static final int FIRST_GROUP = 6;

    private final LockStep<DatagramSharingWorld> worlds;
    private final Random random;
    private final boolean dividing;

    Episode(LockStep<DatagramSharingWorld> worlds, long seed) {
      this.worlds = worlds;
      this.random = new Random(seed);
      this.dividing = seed % 5 == 0;
    }

    void run() throws IOException {
      for (int i = 0; i < OPERATIONS_AN_EPISODE; i++) {
        step(random.nextInt(DatagramSharingWorld.CHANNELS));
        both("select", DatagramSharingWorld::select);
      }
    }

    private void step(int slot) throws IOException {
      int port = random.nextInt(DatagramSharingWorld.PORTS);
      int choice = random.nextInt(100);
      if (!worlds.kernel().isOpen(slot)) {
        open(slot);
      } else if (choice < 30) {
        int to = destination();
        both("send from %d to %d, %d".formatted(slot, to, port), w -> w.send(slot, to, port));
      } else if (choice < 40) {
        both("receive all", DatagramSharingWorld::receiveAll);
      } else if (choice < 45) {
        both("write to " + slot, w -> w.write(slot));
      } else if (choice < 58) {
        member(slot);
      } else if (choice < 68) {
        int to = random.nextInt(DatagramSharingWorld.OWN);
        both("bind %d to %d, %d".formatted(slot, to, port), w -> w.bind(slot, to, port));
      } else if (choice < 84) {
        connection(slot, port);
      } else {
        lessOften(slot);
      }
    }

    private int destination() {
      return dividing
          ? FIRST_GROUP + random.nextInt(DatagramSharingWorld.DESTINATIONS - FIRST_GROUP)
          : random.nextInt(DatagramSharingWorld.DESTINATIONS);
    }

    /** Opens a channel, and mostly binds it to a port that may be shared. */
    private void open(int slot) throws IOException {
      boolean dualStack = random.nextInt(3) == 0;
      both("open %d, dual %b".formatted(slot, dualStack), w -> w.open(slot, dualStack));
      if (random.nextInt(4) != 0) {
        both("share port of " + slot, w -> w.setFlag(slot, 3, true));
        int to = random.nextInt(DatagramSharingWorld.OWN);
        int port = random.nextInt(DatagramSharingWorld.PORTS);
        both("bind %d to %d, %d".formatted(slot, to, port), w -> w.bind(slot, to, port));
      }
    }

    private void member(int slot) throws IOException {
      int count = worlds.kernel().memberships(slot);
      int source = random.nextInt(DatagramSharingWorld.SOURCES);
      int choice = random.nextInt(10);
      if (count == 0 || choice < 4) {
        int group = random.nextInt(2);
        int only = random.nextBoolean() ? -1 : source;
        both(
            "join %d to %d of source %d".formatted(slot, group, only),
            w -> w.join(slot, group, only));
      } else if (choice < 6) {
        int which = random.nextInt(count);
        both("drop %d of %d".formatted(which, slot), w -> w.drop(slot, which));
      } else {
        int which = random.nextInt(count);
        String what = "block %d of %d in %d".formatted(source, slot, which);
        if (choice < 8) {
          both(what, w -> w.block(slot, which, source));
        } else {
          both("un" + what, w -> w.unblock(slot, which, source));
        }
      }
    }

    private void connection(int slot, int port) throws IOException {
      int choice = random.nextInt(10);
      if (choice < 5) {
        int to = destination();
        both("connect %d to %d, %d".formatted(slot, to, port), w -> w.connect(slot, to, port));
        if (worlds.kernel().hasTwin(slot)) {
          disconnect(slot);
        }
      } else if (choice < 8) {
        disconnect(slot);
      } else {
        both("bind %d to any".formatted(slot), w -> w.bindToAny(slot));
      }
      both("state of " + slot, w -> w.state(slot));
    }

    private void disconnect(int slot) throws IOException {
      both("disconnect " + slot, w -> w.disconnect(slot));
      if (worlds.kernel().remembersPeer(slot)) {
        both("close " + slot, w -> w.close(slot));
      }
    }

    private void lessOften(int slot) throws IOException {
      int choice = random.nextInt(16);
      boolean on = random.nextBoolean();
      if (choice < 5) {
        int which = dividing ? random.nextInt(4) : random.nextInt(2);
        boolean set = on || (which == 0 && worlds.kernel().isConnected(slot));
        both("flag %d of %d: %b".formatted(which, slot, set), w -> w.setFlag(slot, which, set));
        both("options of " + slot, w -> w.options(slot));
      } else if (choice < 6) {
        both("reuse address of %d: %b".formatted(slot, on), w -> w.setFlag(slot, 3, on));
      } else if (choice < 8) {
        int value = random.nextInt(300) - 10;
        both("time to live of %d: %d".formatted(slot, value), w -> w.setTimeToLive(slot, value));
        both("options of " + slot, w -> w.options(slot));
      } else if (choice < 11) {
        both("register " + slot, w -> w.register(slot));
      } else if (choice < 13) {
        both("close " + slot, w -> w.close(slot));
      } else {
        both("stream, reading " + on, w -> w.stream(on));
      }
    }

    private void both(String what, LockStep.Operation<DatagramSharingWorld> operation)
        throws IOException {
      worlds.both(what, operation);
    }
  }
}
