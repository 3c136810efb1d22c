package io.nioring.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.testkit.Deadline;
import io.nioring.testkit.OpenDescriptors;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each allocation, system call and callback of each operation fails once, by turns, and each
 * allocation also with those behind it, as where memory stays short: what frees something then has
 * to do without. Afterwards the network goes on and nothing is left.
 *
 * <p>The build tries every few of them, beginning at a place that the seed says; {@code
 * -Dtest.faults.step=1} tries all, {@code -Dtest.faults.case} those in whose name the expression is
 * found, {@code -Dtest.seed} repeats a run.
 */
@Tag("stress")
@Timeout(180)
class FaultInjectionTest {
  private static final long WAIT_SECONDS = 20;
  private static final int UNHARMED = Integer.MAX_VALUE;

  /** How many allocations fail in a row, by turns. */
  private static final int[] IN_A_ROW = {1, 30};

  private static final long PAUSE_NANOS = 500_000;

  private final long seed = Long.getLong("test.seed", System.nanoTime() & 0xffff);
  private final int step = Rounds.of("test.faults.step", 7, 1);
  private final int furtherStep = Rounds.of("test.faults.furtherStep", 50, 1);
  private final int inARow = Integer.getInteger("test.faults.inARow", 0);
  private final Pattern only = Pattern.compile(System.getProperty("test.faults.case", ""));
  private final List<String> failures = new ArrayList<>();
  private ExecutorService worker = newWorker();
  private Thread working;
  private int injections;

  /** The longest failure of a case: one that waits for something is seen here. */
  private long longestNanos;

  private String longest;

  /** Those before a case: of the case before it, unless their number has changed. */
  private OpenDescriptors descriptors;

  private ExecutorService newWorker() {
    return Executors.newSingleThreadExecutor(
        body -> {
          working = new Thread(body, "fault-injection");
          working.setDaemon(true);
          return working;
        });
  }

  @Test
  void whateverFailsTheNetworkGoesOnAndNothingIsLeft() throws Exception {
    List<Supplier<FaultCase>> cases = script();
    openWhatTheJdkKeeps();
    for (Supplier<FaultCase> each : cases) { // once without: loads the classes
      if (isWanted(each.get())) {
        inject(each.get(), UNHARMED, 1);
      }
    }
    int offset = (int) seed;
    for (Supplier<FaultCase> each : cases) {
      if (isWanted(each.get())) {
        injectAll(each, offset++);
      }
    }
    System.out.printf(
        "fault injection: %d failures in %d operations at %d of %d sites, seed %d%n",
        injections, cases.size(), FaultPoints.sitesFailed(), FaultPoints.sites(), seed);
    assertThat(failures).as("with seed %d", seed).isEmpty();
  }

  /**
   * The JDK opens a socket for good when it first closes a channel in a thread's operation, or
   * opens a file's.
   */
  private static void openWhatTheJdkKeeps() throws IOException {
    FileChannel.open(Path.of("/dev/null")).close();
    SocketChannel.open().close();
    ServerSocketChannel.open().close();
    DatagramChannel.open().close();
  }

  private boolean isWanted(FaultCase one) {
    return only.matcher(one.name()).find();
  }

  @SuppressWarnings("unchecked")
  private static List<Supplier<FaultCase>> script() throws ReflectiveOperationException {
    ClassLoader loader = new FaultLoader(FaultInjectionTest.class.getClassLoader());
    return ((Supplier<List<Supplier<FaultCase>>>)
            loader.loadClass("io.nioring.fault.FaultScript").getConstructor().newInstance())
        .get();
  }

  private void injectAll(Supplier<FaultCase> cases, int offset) throws Exception {
    int every = cases.get().isFurther() ? furtherStep : step;
    long start = System.nanoTime();
    int before = injections;
    longestNanos = 0;
    for (int n = 1 + Math.floorMod(offset, every); injectInARow(cases, n, every); n += every) {
      injections++;
    }
    if (every == 1) {
      System.out.printf(
          "%s: %d failures in %d ms, at most %d ms each: %s%n",
          cases.get().name(),
          injections - before,
          (System.nanoTime() - start) / 1_000_000,
          longestNanos / 1_000_000,
          longest);
    }
  }

  /** Lets the n-th site fail, if all are tried, in each way; false if there are not so many. */
  private boolean injectInARow(Supplier<FaultCase> cases, int n, int every) throws Exception {
    if (inARow > 0) {
      return inject(cases.get(), n, inARow);
    } else if (every > 1) {
      return inject(cases.get(), n, IN_A_ROW[n / every % IN_A_ROW.length]);
    }
    boolean failed = false;
    for (int each : IN_A_ROW) {
      failed |= inject(cases.get(), n, each);
    }
    return failed;
  }

  /** Lets the n-th site fail, and if memory is short, some behind it; false as above. */
  private boolean inject(FaultCase one, int n, int most) throws Exception {
    if (descriptors == null || !descriptors.areAsMany()) {
      descriptors = OpenDescriptors.now();
    }
    int threads = FaultThread.running();
    String[] failed = new String[1];
    long start = System.nanoTime();
    Future<?> run = worker.submit(() -> run(one, n, most, failed));
    try {
      run.get(WAIT_SECONDS, TimeUnit.SECONDS);
      if (n != UNHARMED) { // else classes may have opened something for good
        awaitDescriptors();
      }
      Deadline.await("no more threads than before", () -> FaultThread.running() <= threads);
    } catch (TimeoutException e) {
      failed[0] = FaultPoints.disarm();
      note(one, failed[0], most, "hangs" + top(working.getStackTrace()));
      worker = newWorker();
    } catch (Exception | AssertionError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      note(one, failed[0], most, cause + top(cause.getStackTrace()));
    }
    if (System.nanoTime() - start > longestNanos && failed[0] != null) {
      longestNanos = System.nanoTime() - start;
      longest = failed[0];
    }
    return failed[0] != null;
  }

  private static Object run(FaultCase one, int n, int most, String[] failed) throws Exception {
    one.prepare();
    try {
      FaultPoints.arm(n, most);
      one.operate();
    } catch (Throwable e) {
      if (FaultPoints.disarm() == null || e instanceof AssertionError) {
        throw e; // not of the injected failure, or what must not come of it
      }
    } finally {
      failed[0] = FaultPoints.disarm();
    }
    try {
      one.checkGoesOn();
    } finally {
      one.close();
    }
    return null;
  }

  private static String top(StackTraceElement[] trace) {
    return Arrays.stream(trace)
        .limit(8)
        .map(frame -> "\n      at " + frame)
        .collect(Collectors.joining());
  }

  private void note(FaultCase one, String failed, int most, String what) {
    descriptors = null; // what one leaves is not the next one's
    String failure = one.name() + ", after " + failed + ", " + most + " in a row: " + what;
    System.out.println(failure); // the run may be long
    failures.add(failure);
  }

  private void awaitDescriptors() throws IOException {
    if (descriptors.areAsMany()) {
      return;
    }
    Deadline deadline = Deadline.start();
    List<String> more = OpenDescriptors.now().moreThan(descriptors);
    while (!more.isEmpty()) {
      assertThat(deadline.passed()).as("descriptors that are left: %s", more).isFalse();
      LockSupport.parkNanos(PAUSE_NANOS);
      more = OpenDescriptors.now().moreThan(descriptors);
    }
  }
}
