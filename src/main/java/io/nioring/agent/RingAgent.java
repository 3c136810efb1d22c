package io.nioring.agent;

import io.nioring.RingAsynchronousChannelProvider;
import io.nioring.RingNetwork;
import io.nioring.RingNetworkConfig;
import io.nioring.RingSelectorProvider;
import java.lang.instrument.Instrumentation;
import java.nio.channels.spi.SelectorProvider;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Makes the ring provider that of the JVM.
 *
 * <p>The JVM puts the jar of an agent on the system class path, where {@code SelectorProvider}
 * looks for the class that its system property names. The arguments become the system properties
 * {@code nioring.*}. The provider is made at once: that shows whether another one was there first,
 * and wrong settings are reported before the program starts. Then plain sockets become those of its
 * network, unless {@code sockets=false}; a plain server socket that was created before remains the
 * platform's and works, but one for TLS does not, so this agent should be named first.
 *
 * <p>With the single argument {@code observe} it registers the network of a JVM that uses nioring
 * already with JMX, and does nothing else; the command line loads it this way.
 *
 * <p>The JVM calls this class, which the manifest of the jar names, on its main thread before the
 * program ({@code -javaagent}, {@code Launcher-Agent-Class}), or on a thread of its own later.
 */
public final class RingAgent {

  private static final String PROVIDER_KEY = "java.nio.channels.spi.SelectorProvider";
  private static final String ASYNCHRONOUS_KEY =
      "java.nio.channels.spi.AsynchronousChannelProvider";
  private static final String SETTING_PREFIX = "nioring.";

  /** The package of the platform's provider, and the module that opens the way to it. */
  private static final String PLATFORM_PACKAGE = "sun.nio.ch";

  private static final String PACKET_PACKAGE = "java.net";
  private static final String PLATFORM_ACCESS = "jdk.unsupported";

  /** The argument of an agent that is loaded to see a network, and changes nothing. */
  private static final String OBSERVE = "observe";

  /** Set once that has been done, for the command line. */
  public static final String OBSERVED_KEY = "io.nioring.observed";

  private RingAgent() {}

  private static void registerForManagement() {
    if (!(SelectorProvider.provider() instanceof RingSelectorProvider ours)) {
      throw new IllegalStateException("the JVM does not use nioring");
    }
    ours.network().registerMXBean();
    System.setProperty(OBSERVED_KEY, "true");
  }

  /**
   * Called for {@code -javaagent}. If the rings can't be switched on, the reason is printed and the
   * JVM ends with status 1: an exception would end it too, but by an abort.
   *
   * @param arguments {@code key=value}, with commas between; may be null
   * @param instrumentation the JVM's
   */
  public static void premain(String arguments, Instrumentation instrumentation) {
    try {
      agentmain(arguments, instrumentation);
    } catch (IllegalArgumentException | IllegalStateException e) {
      System.err.println("nioring: " + e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Called for {@code Launcher-Agent-Class} and when the agent is loaded into a JVM that runs.
   *
   * @param arguments {@code key=value}, with commas between; may be null
   * @param instrumentation the JVM's
   * @throws IllegalArgumentException if an argument is wrong or contradicts a system property
   * @throws IllegalStateException if the JVM has another provider already, or a factory for sockets
   */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    if (OBSERVE.equals(arguments)) {
      registerForManagement();
      return;
    }
    Map<String, String> wanted = new LinkedHashMap<>();
    AgentArguments.parse(arguments)
        .forEach((key, value) -> wanted.put(SETTING_PREFIX + key, value));
    wanted.put(PROVIDER_KEY, RingSelectorProvider.class.getName());
    openPackages(instrumentation);
    installSockets(switchOn(wanted));
    nameAsynchronousProvider();
  }

  /** Another provider of asynchronous channels that the program has named stays. */
  private static void nameAsynchronousProvider() {
    String ours = RingAsynchronousChannelProvider.class.getName();
    String named = System.setProperty(ASYNCHRONOUS_KEY, ours);
    if (named != null) {
      putBack(ASYNCHRONOUS_KEY, named);
    }
  }

  /**
   * Where the run-time image lacks the module by which the platform's provider is reached, an agent
   * may open its package instead. Besides, only with the package of datagram packets open can our
   * sockets set the length of a received packet as the platform's do.
   */
  private static void openPackages(Instrumentation instrumentation) {
    Set<Module> ours = Set.of(RingSelectorProvider.class.getModule());
    boolean hasWay = ModuleLayer.boot().findModule(PLATFORM_ACCESS).isPresent();
    instrumentation.redefineModule(
        SelectorProvider.class.getModule(),
        Set.of(),
        hasWay ? Map.of() : Map.of(PLATFORM_PACKAGE, ours),
        Map.of(PACKET_PACKAGE, ours),
        Set.of(),
        Map.of());
  }

  /**
   * If it fails, the properties are restored: a running program may continue with them.
   *
   * @return the network of the JVM
   */
  private static RingNetwork switchOn(Map<String, String> wanted) {
    Map<String, String> replaced = new LinkedHashMap<>();
    try {
      wanted.forEach((key, value) -> replaced.put(key, System.setProperty(key, value)));
      replaced.forEach((key, old) -> ensureSame(key, old, wanted.get(key)));
      return ensureProviderIsOurs(TrialNetwork.tryOut());
    } catch (IllegalArgumentException | IllegalStateException e) {
      replaced.forEach(RingAgent::putBack);
      throw e;
    }
  }

  private static void ensureSame(String key, String old, String wanted) {
    if (old != null && !old.equals(wanted)) {
      throw new IllegalArgumentException(
          "the agent is to set " + key + "=" + wanted + ", but the JVM was started with " + old);
    }
  }

  /** Has the JDK make the JVM's provider, or hand out the one that it has. */
  private static RingNetwork ensureProviderIsOurs(RingNetworkConfig wanted) {
    SelectorProvider actual = SelectorProvider.provider();
    if (actual.getClass() != RingSelectorProvider.class) {
      throw new IllegalStateException(
          "the JVM uses "
              + actual.getClass().getName()
              + " already, which can't be changed any more. Name this agent before others, or use"
              + " -D"
              + PROVIDER_KEY
              + "="
              + RingSelectorProvider.class.getName());
    }
    RingNetwork network = ((RingSelectorProvider) actual).network();
    RingNetworkConfig present = network.config();
    if (!present.equals(wanted)) {
      throw new IllegalStateException(
          "the JVM uses nioring with "
              + present
              + " already, which can't be changed to "
              + wanted
              + " any more. Name this agent before others, or give the settings as -D properties");
    }
    return network;
  }

  private static void installSockets(RingNetwork network) {
    if (!network.config().sockets()) {
      return;
    }
    try {
      network.installSockets();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          e.getMessage() + ". Name this agent before others, or give it sockets=false", e);
    }
  }

  private static void putBack(String key, String old) {
    if (old == null) {
      System.clearProperty(key);
    } else {
      System.setProperty(key, old);
    }
  }
}
