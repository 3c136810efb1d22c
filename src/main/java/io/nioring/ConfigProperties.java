package io.nioring;

import io.nioring.internal.async.DefaultPool;
import io.nioring.internal.network.NetworkParts;
import io.nioring.route.Mode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;

/**
 * Reads a configuration from properties named {@code nioring.*}. System properties are read here
 * and nowhere else.
 *
 * <p>Nothing is ignored: an unknown key is refused, since it is probably misspelt, and so is a
 * value that is malformed or out of bounds.
 */
final class ConfigProperties {

  /** Names the provider of the JVM, see {@code SelectorProvider.provider()}. */
  private static final String PROVIDER_KEY = "java.nio.channels.spi.SelectorProvider";

  /** What makes the network of the JVM with faults; there only if it is asked for. */
  private static final String FAULTY_PARTS = "io.nioring.simulation.FaultyParts";

  private static final String FAULTS_KEY = ConfigKey.PREFIX + "faults";
  private static final String SEED_KEY = ConfigKey.PREFIX + "seed";

  private ConfigProperties() {}

  /** Whether the network of the whole JVM has faults. */
  static boolean hasFaults() {
    return System.getProperty(FAULTS_KEY) != null;
  }

  /**
   * Makes the parts of the network of the whole JVM: with faults if {@code nioring.faults} says so.
   *
   * @throws IllegalArgumentException if a fault is malformed
   */
  static NetworkParts partsOfSystem() {
    String faults = System.getProperty(FAULTS_KEY);
    if (faults == null) {
      return new NetworkParts();
    }
    String seed = System.getProperty(SEED_KEY, "0");
    checkSeed(seed);
    try {
      Constructor<?> constructor =
          Class.forName(FAULTY_PARTS).getDeclaredConstructor(String.class, String.class);
      constructor.setAccessible(true);
      return (NetworkParts) constructor.newInstance(faults, seed);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "Property " + FAULTS_KEY + "=" + faults + " is not valid: " + e.getCause().getMessage(),
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot load the simulation", e);
    }
  }

  /**
   * Reads the configuration of the network of the whole JVM from the system properties. In mode
   * {@code ring} its hosts become known to the JVM first.
   *
   * @throws IllegalArgumentException as {@link #read} does
   * @throws IllegalStateException if the file that makes them known cannot be written
   */
  static RingNetworkConfig ofSystem() {
    String hosts = System.getProperty(ConfigKey.HOSTS.key());
    String mode = System.getProperty(ConfigKey.MODE.key(), "");
    if (hosts != null && mode.strip().equalsIgnoreCase(Mode.RING.name())) {
      HostsFile.install(parseHosts(hosts), System.getProperty(HostsFile.KEY));
    }
    return ofJvm(System.getProperties());
  }

  private static Map<String, List<String>> parseHosts(String hosts) {
    try {
      return Hosts.parse(hosts);
    } catch (IllegalArgumentException e) {
      throw invalid(ConfigKey.HOSTS.key(), hosts, e);
    }
  }

  /**
   * Reads the configuration of a JVM with these system properties.
   *
   * <p>Where {@code nioring.mode} is not set, naming our provider by the property of the JDK means
   * hybrid mode. Otherwise our jar is only on the class path and was found as a service, which
   * changes nothing: kernel mode.
   */
  static RingNetworkConfig ofJvm(Properties properties) {
    String provider = properties.getProperty(PROVIDER_KEY);
    boolean isOurs = RingSelectorProvider.class.getName().equals(provider);
    return read(properties, isOurs ? Mode.HYBRID : Mode.KERNEL);
  }

  /**
   * Reads a configuration.
   *
   * @param source properties; those whose keys do not start with {@code nioring.} are not looked at
   * @param modeIfUnset the mode if {@code nioring.mode} is not among them
   * @throws IllegalArgumentException if a key is unknown, the message names it and lists the known
   *     ones; or if a value is malformed or out of bounds, the message gives key, value and what
   *     was expected
   */
  static RingNetworkConfig read(Properties source, Mode modeIfUnset) {
    RingNetworkConfig.Builder builder = RingNetworkConfig.builder().mode(modeIfUnset);
    // In order, so that of several faults the same one is reported each time.
    for (String key : new TreeSet<>(source.stringPropertyNames())) {
      if (key.equals(SEED_KEY)) {
        checkSeed(source.getProperty(key));
      } else if (key.startsWith(ConfigKey.PREFIX) && !key.equals(FAULTS_KEY)) {
        apply(key, source.getProperty(key), builder);
      }
    }
    return builder.build();
  }

  private static void checkSeed(String text) {
    try {
      Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw invalid(SEED_KEY, text, new IllegalArgumentException("expected a number", e));
    }
  }

  private static void apply(String key, String value, RingNetworkConfig.Builder builder) {
    Optional<ConfigKey> known = ConfigKey.find(key);
    if (known.isEmpty()) {
      throw new IllegalArgumentException(
          "Unknown property "
              + key
              + ", known are "
              + ConfigKey.all()
              + ", "
              + FAULTS_KEY
              + ", "
              + SEED_KEY);
    }
    try {
      known.get().apply(builder, value);
    } catch (IllegalArgumentException e) {
      throw invalid(key, value, e);
    }
  }

  /** For a value that is malformed, or out of bounds. */
  static IllegalArgumentException invalid(
      String key, String value, IllegalArgumentException reason) {
    return new IllegalArgumentException(
        "Property " + key + "=" + value + " is not valid: " + reason.getMessage(), reason);
  }

  /** Whether the user wants IPv4 sockets, by the JDK's own property. */
  static boolean prefersIpv4() {
    return Boolean.getBoolean("java.net.preferIPv4Stack");
  }

  /** Where the platform creates socket files for which no path was given. */
  static Path temporaryDirectory() {
    String forSockets = System.getProperty("jdk.net.unixdomain.tmpdir", "");
    return Path.of(forSockets.isEmpty() ? System.getProperty("java.io.tmpdir") : forSockets);
  }

  /**
   * Reads what the program says about the default group of asynchronous channels, see {@link
   * java.nio.channels.AsynchronousChannelGroup}.
   *
   * @throws IllegalArgumentException if it names a class that is not a thread factory, or a size
   *     that is not a number
   */
  static DefaultPool defaultGroup() {
    return DefaultPool.of(
        System.getProperty("java.nio.channels.DefaultThreadPool.threadFactory"),
        System.getProperty("java.nio.channels.DefaultThreadPool.initialSize"));
  }
}
