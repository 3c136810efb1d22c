package io.nioring.internal.ring;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Keeps our own copy of Netty, that of the {@code -all} jar, from logging.
 *
 * <p>It would start the program's logging framework as soon as it starts, on a thread of ours and
 * perhaps before the program has configured it, and write to the program's log.
 */
final class NettyLogging extends InternalLoggerFactory {
  private static final String OWN_PACKAGES = "io.nioring.";

  private NettyLogging() {}

  /** Turns logging off, unless Netty is the program's. Called before anything of Netty is used. */
  static void silenceOwnCopy() {
    if (InternalLoggerFactory.class.getName().startsWith(OWN_PACKAGES)) {
      InternalLoggerFactory.setDefaultFactory(new NettyLogging());
    }
  }

  @Override
  protected InternalLogger newInstance(String name) {
    return (InternalLogger)
        Proxy.newProxyInstance(
            InternalLogger.class.getClassLoader(),
            new Class<?>[] {InternalLogger.class},
            (logger, method, arguments) -> answer(name, logger, method, arguments));
  }

  private static Object answer(String name, Object logger, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "name", "toString" -> name;
      case "equals" -> logger == arguments[0];
      case "hashCode" -> System.identityHashCode(logger);
      default ->
          method.getReturnType() == boolean.class ? Boolean.FALSE : null; // nothing is enabled
    };
  }
}
