package io.nioring.demo;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Takes the time, and the processor time of the whole process. */
final class Stopwatch {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long start = System.nanoTime();
  private final long startOfProcessor = SYSTEM.getProcessCpuTime();

  /** What was done since it was made. */
  Work stop(long exchanges, long payloadBytes) {
    double seconds = (System.nanoTime() - start) / 1e9;
    double processorSeconds = (SYSTEM.getProcessCpuTime() - startOfProcessor) / 1e9;
    return new Work(exchanges, payloadBytes, seconds, processorSeconds);
  }
}
