package io.nioring.contract;

import static io.nioring.contract.TransportKind.PLATFORM_INET4;
import static io.nioring.contract.TransportKind.PLATFORM_UNIX;
import static java.nio.channels.SelectionKey.OP_ACCEPT;
import static java.nio.channels.SelectionKey.OP_CONNECT;
import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;

import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same random operations on channels of the kernel and on rings, in lock-step on one thread;
 * every outcome must be the same: Unix-domain channels on both sides, or IP addresses on both,
 * where the kernel's are TCP's on loopback.
 *
 * <p>A run is a row of episodes, each with channels of its own. A failure tells the seed of its
 * episode: run again with {@code -Dtest.seed} set to it, the first episode repeats the failure. The
 * property {@code test.comparison.episodes} sets the number of episodes, and {@code
 * test.comparison.itself} compares the kernel with itself, which tells what a comparison is worth.
 *
 * <p>After each operation a connection of its own lets the kernel's TCP settle.
 *
 * <p>The kernel counts its bookkeeping as data, so what is in flight stays below the level at which
 * it takes a socket for full; and a channel of the kernel that is closed while registered goes on
 * to exist until all its selectors selected, so a close is followed by selects of every selector.
 */
@Tag("stress")
class KernelComparisonTest {
  private static final int EPISODES = Rounds.of("test.comparison.episodes", 30, 3_000);
  private static final int OPERATIONS_AN_EPISODE = 200;

  @ParameterizedTest
  @EnumSource(names = {"RING_UNIX", "RING_INET4", "RING_INET6", "SIMULATED_INET4", "LATE_INET4"})
  @Timeout(600)
  void ringsDoWhatTheKernelDoes(TransportKind rings) throws IOException {
    LockStep.compare(
        EPISODES,
        rings.isUnix() ? PLATFORM_UNIX : PLATFORM_INET4,
        rings,
        transport -> new ComparisonWorld(transport, Episode.BACKLOG, Episode.SELECTORS),
        (worlds, seed) -> new Episode(worlds, rings.isUnix(), seed).run());
  }

  /** What both worlds know of a channel. */
  private static final class Slot {
    private final int number;
    private Slot peer;
    private boolean open = true;

    /** An upper bound of what the kernel charges this end for what its peer has not read. */
    private int cost;

    Slot(int number) {
      this.number = number;
    }
  }

  /** One run on fresh channels. */
  private static final class Episode {
    private static final int BACKLOG = 2;
    private static final int SELECTORS = 2;
    private static final int MOST_CHANNELS = 9;
    private static final int MOST_COST = 50_000;
    private static final int COST_OF_A_WRITE = 1_536;
    private static final int ALL_OPS = OP_READ | OP_WRITE | OP_CONNECT;

    private final LockStep<ComparisonWorld> worlds;
    private final boolean unix;
    private final Random random;
    private final List<Slot> slots = new ArrayList<>();
    private final Deque<Slot> pending = new ArrayDeque<>();

    Episode(LockStep<ComparisonWorld> worlds, boolean unix, long seed) {
      this.worlds = worlds;
      this.unix = unix;
      this.random = new Random(seed);
      slots.add(new Slot(0));
    }

    void run() throws IOException {
      connect();
      accept();
      for (int i = 0; i < OPERATIONS_AN_EPISODE; i++) {
        step();
      }
    }

    private void step() throws IOException {
      int choice = random.nextInt(100);
      if (choice < 22) {
        write();
      } else if (choice < 42) {
        read();
      } else if (choice < 72) {
        select();
      } else if (choice < 80) {
        changeRegistration();
      } else if (choice < 88) {
        look();
      } else if (choice < 93) {
        shutdown();
      } else if (choice < 96) {
        connectOrAccept();
      } else {
        closeOne();
      }
    }

    private void write() throws IOException {
      Slot slot = anySocket();
      if (random.nextInt(4) > 0) {
        int size = randomSize();
        byte[] bytes = randomBytes(size);
        boolean direct = random.nextBoolean();
        charge(slot, size);
        both(
            "write %d bytes to %d".formatted(size, slot.number),
            w -> w.write(slot.number, bytes, direct));
      } else {
        byte[][] parts = new byte[1 + random.nextInt(5)][];
        int total = 0;
        for (int i = 0; i < parts.length; i++) {
          parts[i] = randomBytes(random.nextInt(3) == 0 ? 0 : random.nextInt(500));
          total += parts[i].length;
        }
        int offset = random.nextInt(parts.length);
        int length = random.nextInt(parts.length - offset + 1);
        charge(slot, total);
        both(
            "gather %d parts from %d to %d".formatted(length, offset, slot.number),
            w -> w.gather(slot.number, parts, offset, length));
      }
    }

    private int randomSize() {
      return switch (random.nextInt(8)) {
        case 0 -> 0;
        case 1 -> 1 + random.nextInt(15_000);
        default -> 1 + random.nextInt(900);
      };
    }

    /**
     * Counts what the kernel may charge for a write, and drains the peer where that is too much.
     */
    private void charge(Slot slot, int size) throws IOException {
      int cost = COST_OF_A_WRITE + 2 * size;
      if (slot.cost + cost > MOST_COST) {
        drainTo(slot);
      }
      slot.cost += cost;
    }

    private void drainTo(Slot slot) throws IOException {
      if (slot.peer == null) {
        accept();
      }
      Slot peer = slot.peer;
      if (peer != null && peer.open) {
        both("drain " + peer.number, w -> w.drain(peer.number));
        slot.cost = 0;
      }
    }

    private void read() throws IOException {
      Slot slot = anySocket();
      int choice = random.nextInt(5);
      if (choice < 3) {
        int size = randomSize();
        boolean direct = random.nextBoolean();
        both(
            "read %d bytes from %d".formatted(size, slot.number),
            w -> w.read(slot.number, size, direct));
      } else if (choice < 4) {
        int[] sizes = random.ints(1 + random.nextInt(4), 0, 400).toArray();
        int offset = random.nextInt(sizes.length);
        int length = random.nextInt(sizes.length - offset + 1);
        both(
            "scatter %d parts from %d of %d".formatted(length, offset, slot.number),
            w -> w.scatter(slot.number, sizes, offset, length));
      } else {
        both("drain " + slot.number, w -> w.drain(slot.number));
        if (slot.peer != null) {
          slot.peer.cost = 0;
        }
      }
    }

    private void select() throws IOException {
      int selector = random.nextInt(SELECTORS);
      switch (random.nextInt(8)) {
        case 0, 1 -> both("clear selected keys " + selector, w -> w.clearSelected(selector));
        case 2 -> {
          int slot = random.nextInt(slots.size());
          both("remove selected key of " + slot, w -> w.removeSelected(slot, selector));
        }
        case 3 -> both("select with action " + selector, w -> w.selectNowWithAction(selector));
        default -> both("select " + selector, w -> w.selectNow(selector));
      }
    }

    private void changeRegistration() throws IOException {
      int slot = random.nextInt(slots.size());
      int selector = random.nextInt(SELECTORS);
      int ops = randomOps(slot);
      String where = " of %d at %d: %d".formatted(slot, selector, ops);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> both("register" + where, w -> w.register(slot, selector, ops));
        case 3, 4 -> both("interest" + where, w -> w.interestOps(slot, selector, ops));
        case 5 -> both("interest or" + where, w -> w.interestOpsOr(slot, selector, ops));
        case 6 -> both("interest and" + where, w -> w.interestOpsAnd(slot, selector, ops));
        default -> both("cancel" + where, w -> w.cancel(slot, selector));
      }
    }

    private int randomOps(int slot) {
      if (slot == 0) {
        return random.nextInt(4) == 0 ? 0 : OP_ACCEPT;
      }
      return random.nextInt(16) == 0 ? OP_ACCEPT : random.nextInt(1 << 4) & ALL_OPS;
    }

    private void look() throws IOException {
      int slot = random.nextInt(slots.size());
      int selector = random.nextInt(SELECTORS);
      int socket = anySocket().number;
      switch (random.nextInt(8)) {
        case 0, 1 -> both("state of " + slot, w -> w.state(slot));
        case 2 -> both("toggle blocking of " + slot, w -> w.toggleBlocking(slot));
        case 3 -> both("key of " + slot, w -> w.keyState(slot, selector));
        case 4 -> both("connect again " + socket, w -> w.connectAgain(socket));
        case 5 -> both("finish connect " + socket, w -> w.finishConnect(socket));
        case 6 -> both("bind again " + slot, w -> w.bindAgain(slot));
        default -> lookAtOptions(socket);
      }
    }

    private void lookAtOptions(int socket) throws IOException {
      both("send buffer " + socket, w -> w.hasOption(socket, StandardSocketOptions.SO_SNDBUF));
      if (unix) {
        int linger = random.nextInt(4) - 1;
        both(
            "linger %d of %d".formatted(linger, socket),
            w -> w.setOption(socket, StandardSocketOptions.SO_LINGER, linger));
        both("no delay " + socket, w -> w.hasOption(socket, StandardSocketOptions.TCP_NODELAY));
        both("addresses " + socket, w -> w.addresses(socket));
      }
    }

    private void shutdown() throws IOException {
      int socket = anySocket().number;
      if (random.nextBoolean()) {
        both("shut input " + socket, w -> w.shutdownInput(socket));
      } else {
        both("shut output " + socket, w -> w.shutdownOutput(socket));
      }
    }

    private void connectOrAccept() throws IOException {
      if (random.nextBoolean() && slots.size() < MOST_CHANNELS) {
        connect();
      } else {
        accept();
      }
    }

    /** An inet connect to a full queue is left out: it stays pending, a Unix one fails. */
    private void connect() throws IOException {
      if (!unix && pending.size() > BACKLOG) {
        return;
      }
      Slot client = new Slot(slots.size());
      slots.add(client);
      String outcome =
          random.nextInt(3) == 0
              ? both("begin to connect " + client.number, ComparisonWorld::beginConnect)
              : both("connect " + client.number, ComparisonWorld::connect);
      if (outcome.startsWith("connected") && slots.get(0).open) {
        pending.add(client);
      } else {
        client.open = outcome.startsWith("connected");
      }
    }

    private void accept() throws IOException {
      if (slots.size() >= MOST_CHANNELS + BACKLOG + 1) {
        return;
      }
      String outcome = both("accept " + slots.size(), ComparisonWorld::accept);
      if (outcome.startsWith("accepted")) {
        Slot client = pending.remove();
        Slot accepted = new Slot(slots.size());
        slots.add(accepted);
        client.peer = accepted;
        accepted.peer = client;
      }
    }

    private void closeOne() throws IOException {
      Slot slot = random.nextInt(12) == 0 ? slots.get(0) : anySocket();
      slot.open = false;
      if (slot.number > 0 && random.nextInt(3) == 0) {
        both("close with reset " + slot.number, w -> w.closeWithReset(slot.number));
      } else {
        both("close " + slot.number, w -> w.close(slot.number));
      }
      // The first round lets the kernel close, the second lets it see what came of it.
      for (ComparisonWorld world : List.of(worlds.kernel(), worlds.ring())) {
        world.selectAll();
        world.settle();
        world.selectAll();
      }
      for (int i = 0; i < SELECTORS; i++) {
        int selector = i;
        both("select %d after close".formatted(selector), w -> w.selectNow(selector));
      }
    }

    /** Mostly an open one. */
    private Slot anySocket() {
      Slot slot = slots.get(1 + random.nextInt(slots.size() - 1));
      for (int i = 0; i < 3 && !slot.open; i++) {
        slot = slots.get(1 + random.nextInt(slots.size() - 1));
      }
      return slot;
    }

    private byte[] randomBytes(int size) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      return bytes;
    }

    private String both(String what, LockStep.Operation<ComparisonWorld> operation)
        throws IOException {
      return worlds.both(what, operation);
    }
  }
}
