package io.nioring.junit;

import io.nioring.RingNetwork;
import io.nioring.simulation.Link;
import io.nioring.simulation.RingHost;
import io.nioring.simulation.Simulation;
import java.lang.reflect.Parameter;
import java.net.InetAddress;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.nio.channels.spi.SelectorProvider;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * The simulation of a test, or of all tests of a class, and what parameters get of it. JUnit closes
 * it where the extension could not end it: the test's instance could not be made.
 */
final class RunningSimulation implements AutoCloseable {
  private static final Set<Class<?>> TYPES =
      Set.of(Simulation.class, RingNetwork.class, SelectorProvider.class);

  private static final Set<Class<?>> TYPES_OF_HOSTS =
      Set.of(
          RingHost.class,
          SelectorProvider.class,
          AsynchronousChannelProvider.class,
          InetAddress.class,
          Link.class);

  private final Simulation simulation;
  private final Optional<RunningCapture> capture;

  /** The context that it ends with. */
  private final String contextId;

  private volatile boolean failed;

  RunningSimulation(Simulation simulation, Optional<RunningCapture> capture, String contextId) {
    this.simulation = simulation;
    this.capture = capture;
    this.contextId = contextId;
  }

  Simulation simulation() {
    return simulation;
  }

  /** Notes that a test has failed. */
  void failed() {
    failed = true;
  }

  /** Whether a test has failed: what it left open is no further failure. */
  boolean hasFailed() {
    return failed;
  }

  void endCapture(ExtensionContext context) {
    capture.ifPresent(each -> each.end(context, failed));
  }

  @Override
  public void close() {
    capture.ifPresent(RunningCapture::discard);
    simulation.close();
  }

  boolean endsWith(String otherContextId) {
    return contextId.equals(otherContextId);
  }

  /** Whether a parameter is one of ours, rightly declared or not. */
  static boolean supports(Parameter parameter) {
    return parameter.isAnnotationPresent(Host.class)
        || TYPES.contains(parameter.getType())
        || parameter.getType() == RingHost.class
        || parameter.getType() == Link.class;
  }

  /** The value of a parameter that is supported. */
  Object valueOf(Parameter parameter) {
    Host named = parameter.getAnnotation(Host.class);
    return named == null
        ? valueOf(parameter.getType())
        : valueOf(parameter.getType(), named.value());
  }

  private Object valueOf(Class<?> type) {
    if (type == Simulation.class) {
      return simulation;
    }
    if (type == RingNetwork.class) {
      return simulation.network();
    }
    if (type == SelectorProvider.class) {
      return simulation.network().provider();
    }
    throw new ParameterResolutionException(
        "A " + type.getSimpleName() + " needs @Host with the name of " + namesOf(type));
  }

  private static String namesOf(Class<?> type) {
    return type == Link.class ? "its two hosts" : "the host";
  }

  private Object valueOf(Class<?> type, String[] names) {
    if (!TYPES_OF_HOSTS.contains(type)) {
      throw new ParameterResolutionException(
          "@Host is for RingHost, SelectorProvider, AsynchronousChannelProvider, InetAddress"
              + " and Link, not for "
              + type.getName());
    }
    if (names.length != (type == Link.class ? 2 : 1)) {
      throw new ParameterResolutionException(
          "@Host of a "
              + type.getSimpleName()
              + " names "
              + namesOf(type)
              + ", not "
              + names.length);
    }
    RingHost host = simulation.host(names[0]);
    if (type == Link.class) {
      return simulation.link(host, simulation.host(names[1]));
    }
    if (type == SelectorProvider.class) {
      return host.provider();
    }
    if (type == AsynchronousChannelProvider.class) {
      return host.asynchronousProvider();
    }
    return type == InetAddress.class ? host.address() : host;
  }
}
