package io.nioring.contract;

import static io.nioring.contract.TransportKind.PLATFORM_INET4;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same random operations on datagram channels of the kernel and on rings, in lock-step on one
 * thread; every outcome must be the same.
 *
 * <p>Seeds, episodes and the comparison of the kernel with itself are chosen as for {@link
 * KernelComparisonTest}; {@code test.comparison.datagramEpisodes} is the number of episodes.
 */
@Tag("stress")
class DatagramComparisonTest {
  private static final int EPISODES = Rounds.of("test.comparison.datagramEpisodes", 30, 3_000);
  private static final int OPERATIONS_AN_EPISODE = 120;

  @ParameterizedTest
  @EnumSource(names = {"RING_INET4", "SIMULATED_INET4"})
  @Timeout(600)
  void ringsDoWhatTheKernelDoes(TransportKind rings) throws IOException {
    LockStep.compare(
        EPISODES,
        PLATFORM_INET4,
        rings,
        DatagramComparisonWorld::new,
        (worlds, seed) -> new Episode(worlds, seed).run());
  }

  /** One run on fresh channels. */
  private static final class Episode {
    private final LockStep<DatagramComparisonWorld> worlds;
    private final Random random;

    Episode(LockStep<DatagramComparisonWorld> worlds, long seed) {
      this.worlds = worlds;
      this.random = new Random(seed);
    }

    void run() throws IOException {
      for (int i = 0; i < DatagramComparisonWorld.CHANNELS; i++) {
        int slot = i;
        both("bind " + slot, w -> w.bind(slot, false));
      }
      for (int i = 0; i < OPERATIONS_AN_EPISODE; i++) {
        step();
      }
    }

    private int anySlot() {
      return random.nextInt(DatagramComparisonWorld.CHANNELS);
    }

    private void step() throws IOException {
      int slot = anySlot();
      int other = anySlot();
      int size = random.nextInt(8) == 0 ? 0 : random.nextInt(500);
      int choice = random.nextInt(100);
      if (choice < 25) {
        both("send %d from %d to %d".formatted(size, slot, other), w -> w.send(slot, other, size));
      } else if (choice < 35) {
        both("write %d to %d".formatted(size, slot), w -> w.write(slot, size));
      } else if (choice < 50) {
        both("receive %d from %d".formatted(size, slot), w -> w.receive(slot, size));
      } else if (choice < 60) {
        both("read %d from %d".formatted(size, slot), w -> w.read(slot, size));
      } else if (choice < 67) {
        both("connect %d to %d".formatted(slot, other), w -> w.connect(slot, other));
      } else if (choice < 72) {
        both("disconnect " + slot, w -> w.disconnect(slot));
      } else {
        lessOften(choice, slot, other, size);
      }
    }

    private void lessOften(int choice, int slot, int other, int size) throws IOException {
      if (choice < 76) {
        both("gather %d to %d".formatted(size, slot), w -> w.gather(slot, size));
      } else if (choice < 80) {
        both("scatter %d from %d".formatted(size, slot), w -> w.scatter(slot, size));
      } else if (choice < 83) {
        both("close " + slot, w -> w.close(slot));
        both("select after close", DatagramComparisonWorld::select);
      } else if (choice < 88) {
        boolean wildcard = random.nextBoolean();
        both("open and bind %d".formatted(slot), w -> w.openAgain(slot, wildcard));
      } else if (choice < 90) {
        both("bind %d as %d".formatted(slot, other), w -> w.bindAs(slot, other));
      } else if (choice < 94) {
        both("state of " + slot, w -> w.state(slot));
      } else if (choice < 96) {
        boolean on = random.nextBoolean();
        both("option of " + slot, w -> w.broadcast(slot, on));
      } else if (choice < 98) {
        boolean writing = random.nextBoolean();
        both("register " + slot, w -> w.register(slot, writing));
      } else {
        both("member " + slot, w -> w.joinOrLeave(slot));
        both("to the group from " + other, w -> w.sendToGroup(other, slot));
      }
      both("select", DatagramComparisonWorld::select);
    }

    private void both(String what, LockStep.Operation<DatagramComparisonWorld> operation)
        throws IOException {
      worlds.both(what, operation);
    }
  }
}
