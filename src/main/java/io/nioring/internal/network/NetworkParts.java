package io.nioring.internal.network;

import io.nioring.internal.names.Namespace;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.net.InetAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Makes the parts of a network that another kind of network has otherwise: those of a plain one,
 * unless a subclass overrides it. One object serves one network, on the thread that opens it.
 */
public class NetworkParts {
  /** Makes further providers of a network, whose channels have parts of their own. */
  public interface Providers {
    /**
     * Makes one.
     *
     * @param parts is given the network's own parts and the new provider
     */
    SelectorProvider with(BiFunction<NetworkResources, SelectorProvider, NetworkResources> parts);
  }

  /** The network's clock. */
  public Clock clock() {
    return Clock.SYSTEM;
  }

  /**
   * Its addresses.
   *
   * @param temporaryDirectory where the paths of Unix servers lie that are bound without one
   */
  public Namespace names(Path temporaryDirectory) {
    return new Namespace(temporaryDirectory);
  }

  /**
   * Where its addresses lead.
   *
   * @param hosts the addresses of hosts that it knows, by names in lower case
   */
  public Verdicts verdicts(
      Namespace names, Mode mode, Routes routes, Map<String, InetAddress> hosts) {
    return new Verdicts(names, mode, routes, hosts);
  }

  /** What its connections are made with. */
  public Wire wire(MemoryPool memory, int bufferBytes, Clock clock) {
    return new Wire(memory, bufferBytes, clock);
  }

  /**
   * Called when the network was made.
   *
   * @param providers makes further providers of it
   */
  public void opened(Providers providers) {}

  /** Its faults; null of a network that can have none. */
  public NetworkFaults faults() {
    return null;
  }

  /**
   * Other parts for the channels and sockets that the calling thread opens.
   *
   * @return null for the network's own
   */
  public NetworkResources ofThread() {
    return null;
  }
}
