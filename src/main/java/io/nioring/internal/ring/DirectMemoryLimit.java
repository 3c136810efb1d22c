package io.nioring.internal.ring;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ServiceConfigurationError;
import java.util.function.LongSupplier;

/**
 * How much direct memory the JVM may use, and how much is in use, as far as the run time has the
 * modules that report it. Queried before Netty is started, whose start takes some.
 */
final class DirectMemoryLimit {
  private final long limitBytes = limitOfJvm();
  private final LongSupplier used = usedByJvm();

  private static long limitOfJvm() {
    long set = 0;
    try {
      HotSpotDiagnosticMXBean jvm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      set = Long.parseLong(jvm.getVMOption("MaxDirectMemorySize").getValue());
    } catch (LinkageError | ServiceConfigurationError | RuntimeException e) {
      // Without the module, or in another JVM, or if memory was short at its start, the default is
      // assumed.
    }
    return set > 0 ? set : Runtime.getRuntime().maxMemory();
  }

  private static LongSupplier usedByJvm() {
    try {
      for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
        if (pool.getName().equals("direct")) {
          return pool::getMemoryUsed;
        }
      }
    } catch (LinkageError | ServiceConfigurationError e) {
      // Without the module only our own memory is counted.
    }
    return () -> 0;
  }

  /** The most direct memory that the JVM may use. */
  long limitBytes() {
    return limitBytes;
  }

  /** How much of it is in use, by us and by others. */
  long usedBytes() {
    return used.getAsLong();
  }
}
