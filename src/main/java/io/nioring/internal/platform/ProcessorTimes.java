package io.nioring.internal.platform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.StringTokenizer;

/** The processor times that Linux counts, by proc(5). */
final class ProcessorTimes implements CpuLoad.Counters {
  /** {@code USER_HZ}, which is fixed by the kernel's interface. */
  private static final long NANOS_PER_TICK = 10_000_000;

  /** Enough for the first line of {@code /proc/stat}, and all of {@code /proc/self/stat}. */
  private static final int MOST_BYTES = 1024;

  /**
   * Reads them, in nanoseconds.
   *
   * @return the time used by all processes, and by this one; null if the system does not report it,
   *     or descriptors are short
   */
  @Override
  public long[] read() {
    try {
      return new long[] {
        ofAll(head("/proc/stat")) * NANOS_PER_TICK, ofThis(head("/proc/self/stat")) * NANOS_PER_TICK
      };
    } catch (IOException | RuntimeException e) { // the latter if the format is another one
      return null;
    }
  }

  private static String head(String path) throws IOException {
    byte[] bytes = new byte[MOST_BYTES];
    try (FileInputStream in = new FileInputStream(path)) {
      return new String(bytes, 0, Math.max(0, in.read(bytes)), ISO_8859_1);
    }
  }

  /**
   * {@code user nice system} of {@code user nice system idle iowait irq softirq steal}. Interrupts
   * are no process that a yield would let run, and many are our own traffic's; what a hypervisor
   * steals is lost whether threads yield or sleep.
   */
  static long ofAll(String stat) {
    StringTokenizer words = new StringTokenizer(stat.substring(0, stat.indexOf('\n')));
    words.nextToken(); // cpu
    long sum = 0;
    for (int i = 0; i < 3; i++) {
      sum += Long.parseLong(words.nextToken());
    }
    return sum;
  }

  /** {@code utime} and {@code stime}; the name before them may have blanks and brackets. */
  static long ofThis(String stat) {
    StringTokenizer words = new StringTokenizer(stat.substring(stat.lastIndexOf(')') + 1));
    for (int i = 3; i < 14; i++) { // the third field is the first after the name
      words.nextToken();
    }
    return Long.parseLong(words.nextToken()) + Long.parseLong(words.nextToken());
  }
}
