package io.nioring.simulation;

import io.nioring.internal.names.Listener;
import io.nioring.internal.poll.Readiness;
import io.nioring.internal.stream.Endpoint;
import io.nioring.internal.stream.Wire;
import io.nioring.socket.PeerCredentials;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;

/** A listener whose connections can be accepted a while after they were made. */
final class SimulatedListener extends Listener {
  private final World world;
  private final RingHost host;

  /** How many accepts are to find nothing although a connection is queued. */
  private final AtomicInteger toFindNothing = new AtomicInteger();

  /** Whether the last one did: none does twice in a row. */
  private volatile boolean foundNothing;

  SimulatedListener(
      World world, RingHost host, Wire wire, PeerCredentials identity, Runnable admitted) {
    super(wire, identity, admitted);
    this.world = world;
    this.host = host;
    world.listens(this);
  }

  /** Those behind one that cannot be accepted yet wait with it. */
  @Override
  protected int acceptable(Collection<Endpoint> queued) {
    if (host.isPaused()) {
      return 0;
    }
    try {
      return beforeTheFirstHeldBack(queued);
    } catch (OutOfMemoryError e) {
      return queued.size(); // too many, or an accept would wait beside a connection
    }
  }

  private int beforeTheFirstHeldBack(Collection<Endpoint> queued) {
    int count = 0;
    for (Endpoint each : queued) {
      if (world.isHeldBack(each)) {
        break;
      }
      count++;
    }
    return count;
  }

  /** A connection was queued, before which an accept finds nothing. */
  void isToFindNothing(boolean happens) {
    if (happens) {
      toFindNothing.incrementAndGet();
    }
  }

  @Override
  public Endpoint accept() {
    if (toFindNothing.get() > 0 && !foundNothing && (readiness() & Readiness.IN) != 0) {
      foundNothing = true;
      toFindNothing.decrementAndGet();
      VarHandle.fullFence(); // as in Listener.offer
      poll().wake(Readiness.IN); // an asynchronous accept waits for that now
      return null;
    }
    foundNothing = false;
    return super.accept();
  }

  void changed() {
    lookAgain();
  }

  @Override
  public void beforeAccept() throws IOException {
    if ((readiness() & Readiness.IN) != 0
        && address() instanceof InetSocketAddress bound
        && world.takesAccept(host, bound)) {
      throw new IOException("Too many open files");
    }
  }
}
