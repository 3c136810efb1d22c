package io.nioring.simulation;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The wire of a simulated network: each IP connection has one of its own, others are plain. */
final class SimulatedWire extends Wire {
  private final World world;

  SimulatedWire(World world, MemoryPool memory, int bufferBytes, Clock clock) {
    super(memory, bufferBytes, clock);
    this.world = world;
  }

  @Override
  protected Wire between(SocketAddress client, SocketAddress server) {
    Attempt attempt =
        client instanceof InetSocketAddress && !client.equals(server)
            ? world.connects().decided(client, server)
            : null;
    return attempt == null ? this : new ConnectionWire(world, attempt, this);
  }

  /** Without memory for that it stays until its time is over. */
  @Override
  public void withdrawn(SocketAddress client, SocketAddress server) {
    try {
      world.connects().withdrawn(client, server);
    } catch (OutOfMemoryError e) {
      return; // its client closes in any case
    }
  }

  @Override
  public void refused(SocketAddress client, SocketAddress server, IOException reason) {
    world.connects().decided(client, server);
  }
}
