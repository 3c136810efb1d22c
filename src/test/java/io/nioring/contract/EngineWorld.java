package io.nioring.contract;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;

/** The connections of one test that drives {@code SSLEngine}s, in one way and on one network. */
@SuppressWarnings("try")
final class EngineWorld implements AutoCloseable {
  /** Makes the two ends of a connection. */
  @FunctionalInterface
  private interface Connector {
    Pair connect() throws Exception;
  }

  /** Two ends that are connected with one another. */
  record Pair(EngineLink client, EngineLink server) {}

  private final String name;
  private final AutoCloseable world;
  private final Connector connector;

  private EngineWorld(String name, AutoCloseable world, Connector connector) {
    this.name = name;
    this.world = world;
    this.connector = connector;
  }

  /** A world for each way and each network. */
  static Stream<EngineWorld> all() {
    Stream<EngineWorld> streams =
        Arrays.stream(SocketWorld.Kind.values()).map(kind -> ofStreams(new SocketWorld(kind)));
    Stream<EngineWorld> channels =
        Arrays.stream(TransportKind.values())
            .filter(kind -> !kind.isSimulated())
            .flatMap(
                kind ->
                    Stream.of(
                        ofBlocking(TestTransport.open(kind)),
                        ofSelectors(TestTransport.open(kind))));
    Stream<EngineWorld> asynchronous =
        Arrays.stream(AsynchronousWorld.Kind.values())
            .map(kind -> ofAsynchronous(kind, new AsynchronousWorld(kind)));
    return Stream.of(streams, channels, asynchronous).flatMap(each -> each);
  }

  private static EngineWorld ofStreams(SocketWorld world) {
    return new EngineWorld(
        "streams " + world,
        world,
        () -> {
          SocketWorld.Pair pair = world.pair();
          return new Pair(
              new EngineLink.OfStreams(pair.client()), new EngineLink.OfStreams(pair.server()));
        });
  }

  private static EngineWorld ofBlocking(TestTransport transport) {
    return new EngineWorld(
        "blocking " + transport,
        transport,
        () -> {
          TestTransport.Pair pair = transport.connectedPair();
          return new Pair(
              new EngineLink.OfBlocking(pair.client()), new EngineLink.OfBlocking(pair.server()));
        });
  }

  private static EngineWorld ofSelectors(TestTransport transport) {
    return new EngineWorld(
        "selectors " + transport,
        transport,
        () -> {
          TestTransport.Pair pair = transport.connectedPair();
          return new Pair(
              EngineLink.OfSelectors.of(
                  pair.client(), transport.openSelector(), transport.openSelector()),
              EngineLink.OfSelectors.of(
                  pair.server(), transport.openSelector(), transport.openSelector()));
        });
  }

  private static EngineWorld ofAsynchronous(AsynchronousWorld.Kind kind, AsynchronousWorld world) {
    return new EngineWorld(
        "asynchronous " + kind,
        world,
        () -> {
          AsynchronousWorld.Pair pair = world.pair();
          return new Pair(
              new EngineLink.OfAsynchronous(pair.client()),
              new EngineLink.OfAsynchronous(pair.server()));
        });
  }

  Pair pair() throws IOException {
    try {
      return connector.connect();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("not connected", e);
    }
  }

  @Override
  public void close() throws Exception {
    world.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
