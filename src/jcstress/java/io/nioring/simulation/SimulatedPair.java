package io.nioring.simulation;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;

/** Two joined endpoints of two hosts, used as a channel uses them, and the way between them. */
final class SimulatedPair {
  private static final int CAPACITY = 64;
  private static final int PORT = 80;

  final Endpoint client = new Endpoint();
  final Endpoint server = new Endpoint();
  private final World world =
      new World(SimulationConfig.builder().virtualTime(true).advanceWhenIdle(false).build());
  private final Lane lane;

  SimulatedPair() {
    RingHost from = host("client", 1);
    RingHost to = host("server", 2);
    InetSocketAddress address = new InetSocketAddress(to.address(), PORT);
    Attempt attempt = new Attempt(new Connect(from, to, address, 1), null, 0);
    Wire network = new Wire(new MemoryPool(false), CAPACITY, Clock.SYSTEM);
    new ConnectionWire(world, attempt, network)
        .connect(
            client,
            new InetSocketAddress(from.address(), PORT + 1),
            address,
            server,
            address,
            CAPACITY,
            CAPACITY,
            1);
    lane = world.lane(from, to);
  }

  private RingHost host(String name, int number) {
    try {
      byte[] bytes = {10, 0, 0, (byte) number};
      return new RingHost(world, name, List.of(InetAddress.getByAddress(name, bytes)));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** Holds what the client sends from now on. */
  void hold() {
    world.change(() -> lane.hold(true));
  }

  /** Lets it arrive again. */
  void release() {
    world.change(() -> lane.hold(false));
  }

  /** How many bytes of the client's are on their way. */
  int held() {
    return world.inFlight(List.of(lane)).stream().mapToInt(each -> (int) each.bytes()).sum();
  }

  /** Writes a byte of the client's, and wakes who waits for it. */
  void write() {
    try {
      tryWrite();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * As above, for a client that may be closed meanwhile.
   *
   * @throws IOException if it is
   */
  void tryWrite() throws IOException {
    client.lockWrite();
    try {
      client.write(ByteBuffer.wrap(new byte[] {1}));
    } finally {
      client.unlockWrite(true);
    }
    client.wakePeerReader();
  }

  /** Reads what has arrived at the server; how many bytes. */
  int read() {
    server.lockRead();
    try {
      return server.read(ByteBuffer.allocate(CAPACITY));
    } catch (IOException e) {
      throw new AssertionError(e);
    } finally {
      server.unlockRead();
    }
  }

  void close() {
    client.close(false);
    server.close(false);
  }
}
