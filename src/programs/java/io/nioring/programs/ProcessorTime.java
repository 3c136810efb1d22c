package io.nioring.programs;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time of this process so far, the just-in-time compiler's told apart: Linux lists
 * each thread's in {@code /proc/self/task} (proc(5)), and HotSpot's compiler threads bear the names
 * of the compilers. Elsewhere the compiler's time is 0 and counts with the rest.
 *
 * @param allSeconds all threads' time
 * @param compilerSeconds the compiler threads' time
 */
record ProcessorTime(double allSeconds, double compilerSeconds) {
  private static final Path THREADS = Path.of("/proc/self/task");

  /** Clock ticks a second in that list, which Linux fixes for programs (USER_HZ). */
  private static final double TICKS_PER_SECOND = 100;

  static ProcessorTime now() throws IOException {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new ProcessorTime(system.getProcessCpuTime() / 1e9, compilerSecondsNow());
  }

  private static double compilerSecondsNow() throws IOException {
    if (!Files.isDirectory(THREADS)) {
      return 0;
    }
    long ticks = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        ticks += compilerTicks(thread);
      }
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static long compilerTicks(Path thread) throws IOException {
    String stat;
    try {
      stat = Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      return 0; // ended meanwhile: no such file or, once it is open, no such process
    }
    int nameEnd = stat.lastIndexOf(')');
    String name = stat.substring(stat.indexOf('(') + 1, nameEnd);
    if (!name.startsWith("C1 Compiler") && !name.startsWith("C2 Compiler")) {
      return 0;
    }
    // What follows the name begins with the third field; user and system time are 14 and 15.
    String[] fields = stat.substring(nameEnd + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
