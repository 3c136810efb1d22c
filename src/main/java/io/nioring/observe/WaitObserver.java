package io.nioring.observe;

import io.micrometer.core.instrument.Timer;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;
import java.util.function.Consumer;

/** Adds a tap to each connection of a network that measures its waits, until it is closed. */
final class WaitObserver implements Observer {
  private final NetworkResources network;
  private final Timer blocked;
  private final Timer delay;
  private volatile boolean closed;

  private WaitObserver(NetworkResources network, Timer blocked, Timer delay) {
    this.network = network;
    this.blocked = blocked;
    this.delay = delay;
  }

  /** Starts measuring. */
  static WaitObserver observe(NetworkResources network, Timer blocked, Timer delay) {
    WaitObserver observer = new WaitObserver(network, blocked, delay);
    network.wire().addObserver(observer); // first: a connection that the walk misses is reported
    observer.forEachClient(observer::tap);
    return observer;
  }

  /** Stops measuring. */
  void close() {
    closed = true; // first: a tap that the walk misses is taken off by who has added it
    network.wire().removeObserver(this);
    forEachClient(this::removeTaps);
  }

  private void forEachClient(Consumer<Endpoint> action) {
    for (ChannelRegistry.Entry entry : network.registry().entries()) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected()) {
        action.accept(end.isClient() ? end : end.peer());
      }
    }
  }

  @Override
  public void connected(Endpoint client, Endpoint server) {
    tap(client);
  }

  private void tap(Endpoint client) {
    Endpoint server = client.peer();
    if (client.addTap(new WaitTap(this, client)) && server != client) {
      server.addTap(new WaitTap(this, server));
    }
    if (closed) {
      removeTaps(client);
    }
  }

  private void removeTaps(Endpoint client) {
    client.removeTap(this);
    client.peer().removeTap(this);
  }

  Timer blocked() {
    return blocked;
  }

  Timer delay() {
    return delay;
  }
}
