package io.nioring.internal.network;

import io.nioring.internal.address.Interfaces;
import io.nioring.internal.address.InterfacesAndHosts;
import io.nioring.internal.names.Namespace;
import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Wire;
import io.nioring.internal.time.Clock;
import io.nioring.route.Mode;
import io.nioring.route.Routes;
import java.net.InetAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Makes the parts of a network that differ between kinds of networks: those of a plain one, unless
 * a subclass overrides it. One object serves one network, on the thread that opens it.
 */
public class NetworkParts {
  /** Makes further providers of a network, whose channels have different parts. */
  public interface Providers {
    /**
     * Makes one.
     *
     * @param parts derives the parts from the network's parts and the new provider
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
   * @param temporaryDirectory the directory for the paths of Unix servers that are bound without
   *     one
   * @param hosts as for {@link #verdicts}; in mode {@code ring} their addresses are in this JVM
   */
  public Namespace names(Path temporaryDirectory, Mode mode, Map<String, List<InetAddress>> hosts) {
    boolean areHere = mode == Mode.RING && !hosts.isEmpty();
    return new Namespace(
        temporaryDirectory,
        areHere ? InterfacesAndHosts.of(addressesOf(hosts)) : Interfaces.OF_MACHINE);
  }

  private static List<InetAddress> addressesOf(Map<String, List<InetAddress>> hosts) {
    List<InetAddress> all = new ArrayList<>();
    hosts.values().forEach(all::addAll);
    return all;
  }

  /**
   * Its rules for where addresses lead.
   *
   * @param hosts the addresses of known hosts, by names in lower case, at least one each
   */
  public Verdicts verdicts(
      Namespace names, Mode mode, Routes routes, Map<String, List<InetAddress>> hosts) {
    return new Verdicts(names, mode, routes, hosts);
  }

  /** The wire of its connections. */
  public Wire wire(MemoryPool memory, int bufferBytes, Clock clock) {
    return new Wire(memory, bufferBytes, clock);
  }

  /**
   * Called when the network has been made.
   *
   * @param providers makes further providers of it
   */
  public void opened(Providers providers) {}

  /** Its faults; null for a network that cannot have any. */
  public NetworkFaults faults() {
    return null;
  }

  /**
   * Different parts for the channels and sockets that the calling thread opens.
   *
   * @return the parts, or null for the network's own
   */
  public NetworkResources ofThread() {
    return null;
  }
}
