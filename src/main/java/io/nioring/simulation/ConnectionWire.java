package io.nioring.simulation;

import io.nioring.internal.stream.Direction;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Wire;

/** Makes the directions of one connection, that to the server first. Used once. */
final class ConnectionWire extends Wire {
  private final World world;
  private final Connection connection;
  private SimulatedDirection toServer;

  ConnectionWire(World world, Attempt attempt, Wire network) {
    super(network.memory(), network.bufferBytes(), network.clock());
    this.world = world;
    this.connection = new Connection(world, attempt);
  }

  @Override
  protected Direction direction(Endpoint from, Endpoint to, int capacityBytes, long number) {
    Connect connect = connection.attempt().connect();
    boolean upstream = toServer == null;
    Lane lane =
        upstream
            ? world.lane(connect.client(), connect.server())
            : world.lane(connect.server(), connect.client());
    SimulatedDirection made =
        new SimulatedDirection(
            world, connection, upstream, lane, to, memory(), capacityBytes, number);
    world.run(made::prepare);
    if (upstream) {
      toServer = made;
    } else {
      connection.directions(toServer, made);
    }
    return made;
  }

  @Override
  protected void connected(Endpoint client, Endpoint server) {
    world.connected(connection, server);
  }
}
