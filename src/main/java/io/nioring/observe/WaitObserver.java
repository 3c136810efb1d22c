package io.nioring.observe;

import io.micrometer.core.instrument.Timer;
import io.nioring.internal.network.ChannelRegistry;
import io.nioring.internal.network.NetworkResources;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Observer;

/** Adds a tap to each connection that measures its waits, for the life of a network. */
final class WaitObserver implements Observer {
  private final Timer blocked;
  private final Timer delay;

  private WaitObserver(Timer blocked, Timer delay) {
    this.blocked = blocked;
    this.delay = delay;
  }

  /** Starts measuring. */
  static void observe(NetworkResources network, Timer blocked, Timer delay) {
    WaitObserver observer = new WaitObserver(blocked, delay);
    network.wire().addObserver(observer); // first: a connection that the walk misses is reported
    for (ChannelRegistry.Entry entry : network.registry().entries()) {
      Endpoint end = entry.endpoint();
      if (end != null && end.isConnected()) {
        observer.tap(end.isClient() ? end : end.peer());
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
  }

  Timer blocked() {
    return blocked;
  }

  Timer delay() {
    return delay;
  }
}
